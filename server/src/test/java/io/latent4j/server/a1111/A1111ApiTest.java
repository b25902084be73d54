package io.latent4j.server.a1111;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.RunningServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The form of Stable Diffusion web UI, with the embedded model. */
final class A1111ApiTest {
    @RegisterExtension
    private final RunningServer server = new RunningServer();

    private static byte[] image(JsonObject answer, int index) {
        return Base64.getDecoder()
                .decode(answer.getAsJsonArray("images").get(index).getAsString());
    }

    private static BufferedImage decoded(byte[] bytes) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(bytes));
    }

    private static JsonObject info(JsonObject answer) {
        return JsonParser.parseString(answer.get("info").getAsString()).getAsJsonObject();
    }

    private static List<String> texts(JsonElement list) {
        return StreamSupport.stream(list.getAsJsonArray().spliterator(), false)
                .map(JsonElement::getAsString)
                .toList();
    }

    private static Stream<JsonObject> objects(JsonElement list) {
        return StreamSupport.stream(list.getAsJsonArray().spliterator(), false).map(JsonElement::getAsJsonObject);
    }

    @Test
    void makesTheImageOfTheOwnApi() throws Exception {
        byte[] here = image(
                server.made(
                        "/sdapi/v1/txt2img",
                        "{\"prompt\": \"a red circle\", \"steps\": 3, \"seed\": 7, \"sampler_name\": \"DDIM\","
                                + " \"cfg_scale\": 3}"),
                0);
        byte[] there = server.bytes(server.to("/api/image")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"prompt\": \"a red circle\", \"steps\": 3, \"seed\": 7, \"scheduler\": \"ddim\","
                                + " \"guidance\": {\"scale\": 3}}")));
        assertThat(here).isEqualTo(there);
    }

    @Test
    void tellsProgressWithPreviewsAndEndsWhenInterrupted() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = server.http()
                .sendAsync(
                        server.to("/sdapi/v1/txt2img")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"prompt\": \"a\", \"steps\": 150, \"n_iter\": 60,"
                                                + " \"force_task_id\": \"task(x1)\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        JsonObject progress = server.get("/sdapi/v1/progress").getAsJsonObject();
        while (progress.get("current_image").isJsonNull()) {
            progress = server.get("/sdapi/v1/progress").getAsJsonObject();
        }
        assertThat(progress.get("progress").getAsDouble()).isBetween(0.0, 1.0);
        assertThat(progress.getAsJsonObject("state").get("job_count").getAsInt())
                .isEqualTo(60);
        assertThat(progress.getAsJsonObject("state").get("sampling_steps").getAsInt())
                .isEqualTo(150);
        byte[] preview =
                Base64.getDecoder().decode(progress.get("current_image").getAsString());
        assertThat(decoded(preview).getWidth()).isEqualTo(64);
        assertThat(server.get("/sdapi/v1/progress?skip_current_image=true")
                        .getAsJsonObject()
                        .get("current_image")
                        .isJsonNull())
                .isTrue();
        JsonObject task = server.made("/internal/progress", "{\"id_task\": \"task(x1)\", \"id_live_preview\": -1}");
        assertThat(task.get("active").getAsBoolean()).isTrue();
        assertThat(task.get("live_preview").getAsString()).startsWith("data:image/png;base64,");
        assertThat(server.made("/internal/progress", "{\"id_task\": \"task(other)\"}")
                        .get("active")
                        .getAsBoolean())
                .isFalse();
        server.made("/sdapi/v1/interrupt", "");
        JsonObject made = JsonParser.parseString(answer.get().body()).getAsJsonObject();
        assertThat(answer.get().statusCode()).isEqualTo(200);
        assertThat(made.getAsJsonArray("images").size()).isLessThan(60);
        assertThat(info(made).get("interrupted").getAsBoolean()).isTrue();
        JsonObject idle = server.get("/sdapi/v1/progress").getAsJsonObject();
        assertThat(idle.get("progress").getAsDouble()).isZero();
        assertThat(idle.getAsJsonObject("state").get("job_count").getAsInt()).isZero();
        assertThat(server.made("/internal/progress", "{\"id_task\": \"task(x1)\"}")
                        .get("completed")
                        .getAsBoolean())
                .isTrue();
    }

    private static String base64(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return Base64.getEncoder().encodeToString(out.toByteArray());
    }

    /** An image that is grey, with white from {@code from} to the right. */
    private static BufferedImage halves(int width, int from) {
        BufferedImage image = new BufferedImage(width, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, x < from ? 0 : 0xffffff);
            }
        }
        return image;
    }

    @Test
    void repaintsWhatTheMaskShows() throws Exception {
        String source = base64(halves(64, 32));
        String body = """
            {"prompt": "a red circle", "init_images": ["data:image/png;base64,%s"], "mask": "%s", "mask_blur": 0,
             "inpainting_fill": 1, "inpaint_full_res": %s, "inpaint_full_res_padding": 8,
             "inpainting_mask_invert": %d, "denoising_strength": 0.9, "steps": 4, "seed": 3, "width": 64, "height": 64}
            """;
        String mask = base64(halves(64, 48));
        JsonObject right = server.made("/sdapi/v1/img2img", body.formatted(source, mask, "false", 0));
        assertThat(texts(right.get("warnings"))).isEmpty();
        assertThat(right.getAsJsonObject("parameters").has("init_images")).isFalse();
        BufferedImage image = decoded(image(right, 0));
        assertThat(image.getRGB(5, 30) & 0xffffff).isZero();
        assertThat(image.getRGB(40, 30) & 0xffffff).isEqualTo(0xffffff);
        BufferedImage left =
                decoded(image(server.made("/sdapi/v1/img2img", body.formatted(source, mask, "true", 1)), 0));
        assertThat(left.getRGB(56, 30) & 0xffffff).isEqualTo(0xffffff);
    }

    @Test
    void takesAMaskOfAnotherSizeAndCrops() throws Exception {
        JsonObject answer =
                server.made("/sdapi/v1/img2img", """
                    {"init_images": ["%s"], "mask": "%s", "mask_blur": 0, "inpaint_full_res": 0, "resize_mode": 1, "steps": 2,
                     "width": 64, "height": 64, "seed": 3}
                    """.formatted(base64(halves(128, 64)), base64(halves(64, 40))));
        BufferedImage image = decoded(image(answer, 0));
        assertThat(image.getRGB(4, 30) & 0xffffff).isZero(); // the middle half of the source
        assertThat(image.getRGB(40, 30) & 0xffffff).isEqualTo(0xffffff);
        assertThat(texts(answer.get("warnings"))).anyMatch(warning -> warning.contains("inpainting_fill"));
    }

    @Test
    void readsItsOwnParameters() throws Exception {
        JsonObject answer = server.made(
                "/sdapi/v1/txt2img",
                "{\"prompt\": \"a red circle\", \"steps\": 2, \"seed\": 9, \"sampler_name\": \"DPM++ 2M\","
                        + " \"subseed\": 4, \"subseed_strength\": 0.25}");
        JsonObject told = server.made(
                "/sdapi/v1/png-info",
                "{\"image\": \"" + answer.getAsJsonArray("images").get(0).getAsString() + "\"}");
        assertThat(told.get("info").getAsString())
                .isEqualTo(texts(info(answer).get("infotexts")).get(0));
        JsonObject parameters = told.getAsJsonObject("parameters");
        assertThat(parameters.get("Prompt").getAsString()).isEqualTo("a red circle");
        assertThat(parameters.get("Sampler").getAsString()).isEqualTo("DPM++ 2M Karras");
        assertThat(parameters.get("Seed").getAsString()).isEqualTo("9");
        assertThat(parameters.get("Size-1").getAsString()).isEqualTo("64");
        assertThat(info(answer).get("subseed_strength").getAsDouble()).isEqualTo(0.25);
        assertThat(server.made("/sdapi/v1/png-info", "{\"image\": \"" + base64(halves(8, 4)) + "\"}")
                        .get("info")
                        .getAsString())
                .isEmpty();
    }

    @Test
    void keepsOptionsAndOverridesThemForOneJob() throws Exception {
        JsonObject warned = server.made(
                "/sdapi/v1/options",
                "{\"samples_format\": \"jpg\", \"sd_vae\": \"other.vae.pt\", \"eta_ddim\": 1, \"jpeg_quality\": 90}");
        assertThat(texts(warned.get("warnings")))
                .anyMatch(warning -> warning.contains("sd_vae"))
                .anyMatch(warning -> warning.contains("eta_ddim"));
        assertThat(server.get("/sdapi/v1/options")
                        .getAsJsonObject()
                        .get("samples_format")
                        .getAsString())
                .isEqualTo("jpg");
        String body = "{\"steps\": 1, \"override_settings\": {\"samples_format\": \"png\"}%s}";
        byte[] jpeg = image(server.made("/sdapi/v1/txt2img", "{\"steps\": 1}"), 0);
        byte[] png = image(server.made("/sdapi/v1/txt2img", body.formatted("")), 0);
        assertThat(jpeg).startsWith(0xff, 0xd8);
        assertThat(png).startsWith(0x89, 'P', 'N', 'G');
        assertThat(server.get("/sdapi/v1/options")
                        .getAsJsonObject()
                        .get("samples_format")
                        .getAsString())
                .isEqualTo("jpg");
        server.made("/sdapi/v1/txt2img", body.formatted(", \"override_settings_restore_afterwards\": false"));
        assertThat(server.get("/sdapi/v1/options")
                        .getAsJsonObject()
                        .get("samples_format")
                        .getAsString())
                .isEqualTo("png");
        assertThat(server.post("/sdapi/v1/options", "{\"sd_model_checkpoint\": \"/etc/passwd\"}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void makesTheImageLarger() throws Exception {
        JsonObject answer = server.made("/sdapi/v1/txt2img", """
            {"prompt": "a red circle", "steps": 2, "width": 64, "height": 64, "enable_hr": true, "hr_resize_x": 96,
             "hr_resize_y": 0, "hr_upscaler": "R-ESRGAN 4x+", "hr_second_pass_steps": 2, "denoising_strength": 0.5}
            """);
        assertThat(decoded(image(answer, 0)).getWidth()).isEqualTo(96);
        assertThat(texts(answer.get("warnings"))).anyMatch(warning -> warning.contains("R-ESRGAN"));
    }

    @Test
    void changesTheSizeOfAnImageAlone() throws Exception {
        String image = base64(halves(64, 32));
        JsonObject answer = server.made(
                "/sdapi/v1/extra-single-image",
                "{\"image\": \"data:image/png;base64," + image
                        + "\", \"upscaler_1\": \"Lanczos\", \"upscaling_resize\": 1.5}");
        assertThat(decoded(Base64.getDecoder().decode(answer.get("image").getAsString()))
                        .getWidth())
                .isEqualTo(96);
        assertThat(answer.get("html_info").getAsString()).isEmpty();
        JsonObject several = server.made(
                "/sdapi/v1/extra-batch-images",
                "{\"imageList\": [{\"data\": \"" + image + "\", \"name\": \"a.png\"}, {\"data\": \"" + image
                        + "\", \"name\": \"b.png\"}], \"upscaler_1\": \"Nearest\"}");
        assertThat(decoded(image(several, 1)).getWidth()).isEqualTo(128);
        HttpResponse<String> network = server.post(
                "/sdapi/v1/extra-single-image", "{\"image\": \"" + image + "\", \"upscaler_1\": \"R-ESRGAN 4x+\"}");
        assertThat(network.statusCode()).isEqualTo(400);
        assertThat(network.body()).contains("R-ESRGAN 4x+", "expected None, Lanczos, Nearest or Pixels", "detail");
        assertThat(server.post("/sdapi/v1/extra-single-image", "{}").statusCode())
                .isEqualTo(422);
    }

    @Test
    void namesWhatHasNoEffect() throws Exception {
        JsonObject answer = server.made("/sdapi/v1/txt2img", """
            {"steps": 1, "stepz": 3, "tiling": true, "restore_faces": true, "styles": ["x"], "s_churn": 0.5, "s_noise": 1,
             "eta": 0.5, "send_images": false, "alwayson_scripts": {"ADetailer": {"args": [true]},
             "controlnet": {"args": [{"enabled": false, "module": "canny"}]}}}
            """);
        assertThat(answer.getAsJsonArray("images")).isEmpty();
        List<String> warnings = texts(answer.get("warnings"));
        for (String name : List.of("stepz", "tiling", "restore_faces", "styles", "s_churn", "eta", "ADetailer")) {
            assertThat(warnings).anyMatch(warning -> warning.contains(name));
        }
        assertThat(warnings).noneMatch(warning -> warning.contains("s_noise"));
        assertThat(texts(info(answer).get("warnings"))).isEqualTo(warnings);
    }

    @Test
    void refusesInFastApisForm() throws Exception {
        HttpResponse<String> wrong =
                server.post("/sdapi/v1/txt2img", "{\"steps\": \"many\", \"cfg_scale\": [], \"width\": 64.5}");
        assertThat(wrong.statusCode()).isEqualTo(422);
        List<String> places = new ArrayList<>();
        for (JsonElement entry :
                JsonParser.parseString(wrong.body()).getAsJsonObject().getAsJsonArray("detail")) {
            places.add(entry.getAsJsonObject().getAsJsonArray("loc").get(1).getAsString());
        }
        assertThat(places).containsExactlyInAnyOrder("steps", "cfg_scale", "width");
        assertThat(server.post("/sdapi/v1/txt2img", "{").statusCode()).isEqualTo(422);
        assertThat(server.post("/sdapi/v1/img2img", "{}").body()).contains("init_images");
        HttpResponse<String> range = server.post("/sdapi/v1/txt2img", "{\"cfg_scale\": -3}");
        assertThat(range.statusCode()).isEqualTo(400);
        JsonObject error = JsonParser.parseString(range.body()).getAsJsonObject();
        assertThat(error.get("detail").getAsString()).contains("guidance scale");
        assertThat(error.has("errors")).isTrue();
        HttpResponse<String> sampler = server.post("/sdapi/v1/txt2img", "{\"sampler_name\": \"Eulerr\"}");
        assertThat(sampler.statusCode()).isEqualTo(400);
        assertThat(sampler.body()).contains("nearest names");
        assertThat(server.post("/sdapi/v1/txt2img", "{\"script_name\": \"X/Y/Z plot\"}")
                        .statusCode())
                .isEqualTo(422);
        assertThat(server.post("/sdapi/v1/nothing", "{}").body()).contains("detail");
        HttpResponse<String> size =
                server.post("/sdapi/v1/txt2img", "{\"width\": 65, \"height\": 64}"); // which the model refuses
        assertThat(size.statusCode()).isEqualTo(400);
        assertThat(size.body()).contains("detail").contains("65");
        HttpResponse<String> network = server.post(
                "/sdapi/v1/txt2img",
                "{\"alwayson_scripts\": {\"controlnet\": {\"args\": [{\"model\": \"/etc\", \"image\": \""
                        + base64(halves(64, 8)) + "\"}]}}}");
        assertThat(network.statusCode()).isEqualTo(400);
        assertThat(network.body()).contains("control network /etc");
    }

    @Test
    void listsNamesOfTheRegistryWithoutTheirPlaces() throws Exception {
        server.registry()
                .addAdapter("ink", server.folder().resolve("secret/ink.safetensors"))
                .addWord("cat-toy", server.folder().resolve("secret/cat-toy.pt"))
                .addControlNet("canny", server.folder().resolve("secret/canny").toString())
                .addModel("dreams", server.folder().resolve("secret/dreams").toString());
        assertThat(server.get("/sdapi/v1/loras").toString()).contains("\"ink\"").doesNotContain("secret");
        assertThat(server.get("/sdapi/v1/embeddings").toString())
                .contains("cat-toy")
                .doesNotContain("secret");
        assertThat(server.get("/controlnet/model_list").toString())
                .contains("canny")
                .doesNotContain("secret");
        assertThat(server.get("/sdapi/v1/sd-models").toString())
                .contains("dreams")
                .doesNotContain("secret");
        assertThat(server.get("/models/loras").toString()).isEqualTo("[\"ink\"]");
        assertThat(server.get("/embeddings").toString()).isEqualTo("[\"cat-toy\"]");
        assertThat(server.get("/object_info/LoraLoader").toString())
                .contains("ink")
                .doesNotContain("secret");
        server.made("/sdapi/v1/options", "{\"sd_model_checkpoint\": \"dreams.safetensors [0123456789]\"}");
        assertThat(server.get("/sdapi/v1/options")
                        .getAsJsonObject()
                        .get("sd_model_checkpoint")
                        .getAsString())
                .isEqualTo("dreams");
    }

    @Test
    void listsWhatThereIs() throws Exception {
        List<String> samplers = objects(server.get("/sdapi/v1/samplers"))
                .map(each -> each.get("name").getAsString())
                .toList();
        assertThat(samplers).contains("Euler a", "DPM++ 2M", "DDIM", "UniPC");
        List<String> spacings = objects(server.get("/sdapi/v1/schedulers"))
                .map(each -> each.get("name").getAsString())
                .toList();
        assertThat(spacings).contains("automatic", "karras", "sgm_uniform", "align_your_steps");
        List<String> warnings = new ArrayList<>();
        for (String sampler : samplers) {
            for (String spacing : spacings) {
                assertThat(Samplers.named(sampler, Optional.of(spacing), warnings))
                        .startsWith(sampler);
            }
        }
        for (JsonElement each : server.get("/sdapi/v1/samplers").getAsJsonArray()) {
            for (String alias : texts(each.getAsJsonObject().get("aliases"))) {
                assertThat(Samplers.named(alias, Optional.of("normal"), warnings))
                        .isEqualTo(each.getAsJsonObject().get("name").getAsString());
            }
        }
        for (String list : List.of(
                "upscalers",
                "latent-upscale-modes",
                "sd-vae",
                "loras",
                "hypernetworks",
                "face-restorers",
                "prompt-styles",
                "script-info")) {
            JsonArray all = server.get("/sdapi/v1/" + list).getAsJsonArray();
            assertThat(objects(all)).allMatch(each -> each.has("name"));
        }
        assertThat(server.get("/sdapi/v1/embeddings").getAsJsonObject().has("loaded"))
                .isTrue();
        assertThat(server.get("/sdapi/v1/memory").getAsJsonObject().has("ram")).isTrue();
        assertThat(server.get("/sdapi/v1/scripts").getAsJsonObject().has("txt2img"))
                .isTrue();
        assertThat(server.get("/sdapi/v1/cmd-flags").getAsJsonObject().has("api"))
                .isTrue();
        assertThat(server.get("/internal/ping")).isEqualTo(new JsonObject());
        for (String refresh : List.of("refresh-checkpoints", "refresh-loras", "refresh-vae", "refresh-embeddings")) {
            assertThat(server.post("/sdapi/v1/" + refresh, "").statusCode()).isEqualTo(200);
        }
    }
}
