package io.latent4j.server.a1111;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.RunningServer;
import io.latent4j.server.ServerOptions;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What chat clients send to a Stable Diffusion web UI, request by request in their order, with the fields and headers that their
 * sources have and values of this test; and of each answer, what they read.
 */
final class A1111ChatClientsTest {
    private static final String KEY = "a-key-of-this-test";

    @RegisterExtension
    private final RunningServer server = new RunningServer(ServerOptions.LOCAL.withKeys(List.of(KEY)));

    private HttpRequest.Builder to(String path) {
        String user = Base64.getEncoder().encodeToString(("anyone:" + KEY).getBytes(StandardCharsets.UTF_8));
        return server.to(path).header("Authorization", "Basic " + user);
    }

    private JsonElement get(String path) throws IOException, InterruptedException {
        return RunningServer.json(server.send(to(path)));
    }

    private HttpRequest.Builder posting(String path, String body) {
        return to(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private JsonElement post(String path, String body) throws IOException, InterruptedException {
        return RunningServer.json(server.send(posting(path, body)));
    }

    private static List<String> named(JsonElement list, String field) {
        return StreamSupport.stream(list.getAsJsonArray().spliterator(), false)
                .map(each -> each.getAsJsonObject().get(field).getAsString())
                .toList();
    }

    /** The first image, in Base64 alone. */
    private static BufferedImage image(JsonElement answer) throws IOException {
        String text = answer.getAsJsonObject().getAsJsonArray("images").get(0).getAsString();
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(text)));
    }

    private static List<String> warnings(JsonElement answer) {
        JsonArray warnings = answer.getAsJsonObject().getAsJsonArray("warnings");
        return warnings.asList().stream().map(JsonElement::getAsString).toList();
    }

    /**
     * SillyTavern asks for its lists one after another, sets the model and waits until nothing is at work. Before an image it
     * looks whether the options are those of a fork. It adds its own address and key to the body.
     */
    @Test
    void answersSillyTavern() throws Exception {
        String model = connectedSillyTavern();
        post("/sdapi/v1/options", "{\"sd_model_checkpoint\": \"" + model + "\"}");
        JsonObject idle = get("/sdapi/v1/progress").getAsJsonObject();
        assertThat(idle.get("progress").getAsDouble()).isZero();
        assertThat(idle.getAsJsonObject("state").get("job_count").getAsInt()).isZero();
        assertThat(get("/sdapi/v1/options").getAsJsonObject().has("forge_preset"))
                .isFalse();
        JsonElement answer = post("/sdapi/v1/txt2img", """
            {"url": "http://localhost:7860", "auth": "anyone:a-secret", "prompt": "a red circle",
             "negative_prompt": "lowres", "sampler_name": "DDIM", "scheduler": "normal", "steps": 2, "cfg_scale": 7,
             "width": 64, "height": 64, "restore_faces": false, "enable_hr": false, "hr_upscaler": "Latent",
             "hr_scale": 1, "hr_additional_modules": [], "denoising_strength": 0.7, "hr_second_pass_steps": 0,
             "override_settings": {"CLIP_stop_at_last_layers": 1}, "override_settings_restore_afterwards": true,
             "clip_skip": 1, "save_images": true, "send_images": true, "do_not_save_grid": false,
             "do_not_save_samples": false}
            """);
        assertThat(image(answer).getWidth()).isEqualTo(64);
        assertThat(warnings(answer)).isEmpty();
        assertThat(answer.toString()).doesNotContain("a-secret");
    }

    private String connectedSillyTavern() throws IOException, InterruptedException {
        String chosen = get("/sdapi/v1/options")
                .getAsJsonObject()
                .get("sd_model_checkpoint")
                .getAsString();
        assertThat(named(get("/sdapi/v1/samplers"), "name")).contains("DDIM");
        assertThat(named(get("/sdapi/v1/schedulers"), "name")).contains("normal");
        assertThat(named(get("/sdapi/v1/sd-models"), "title")).contains(chosen);
        assertThat(named(get("/sdapi/v1/upscalers"), "name")).startsWith("None"); // latent ones are put behind it
        assertThat(named(get("/sdapi/v1/latent-upscale-modes"), "name")).contains("Latent");
        assertThat(named(get("/sdapi/v1/sd-vae"), "model_name")).isEmpty();
        assertThat(server.send(to("/sdapi/v1/sd-modules")).statusCode()).isEqualTo(404); // of a fork
        return chosen;
    }

    /** The same with all that its settings can add: a second run at the factor it begins with, a face detailer, a seed, a VAE. */
    @Test
    void answersSillyTavernWithEverythingOn() throws Exception {
        String body = """
            {"url": "http://localhost:7860", "auth": "", "prompt": "a red circle", "negative_prompt": "lowres",
             "sampler_name": "Euler a", "scheduler": "karras", "steps": 2, "cfg_scale": 7, "width": 64, "height": 64,
             "restore_faces": true, "enable_hr": true, "hr_upscaler": "%s", "hr_scale": %s,
             "hr_additional_modules": [], "denoising_strength": 0.7, "hr_second_pass_steps": 2, "seed": 42,
             "override_settings": {"CLIP_stop_at_last_layers": 2, "sd_vae": "other.vae.safetensors"},
             "override_settings_restore_afterwards": true, "clip_skip": 2, "save_images": true, "send_images": true,
             "do_not_save_grid": false, "do_not_save_samples": false,
             "alwayson_scripts": {"ADetailer": {"args": [true, true, {"ad_model": "face_yolov8n.pt"}]}}}
            """;
        JsonElement same = post("/sdapi/v1/txt2img", body.formatted("Latent", "1"));
        assertThat(image(same).getWidth()).isEqualTo(64);
        assertThat(warnings(same))
                .anyMatch(warning -> warning.startsWith("enable_hr has no effect"))
                .anyMatch(warning -> warning.contains("ADetailer"))
                .anyMatch(warning -> warning.contains("restore_faces"))
                .anyMatch(warning -> warning.contains("sd_vae"))
                .hasSize(4);
        JsonElement larger = post("/sdapi/v1/txt2img", body.formatted("Latent (nearest-exact)", "1.5"));
        assertThat(image(larger).getWidth()).isEqualTo(96);
    }

    /** SillyTavern interrupts what a user no longer waits for by a request without a body. */
    @Test
    void isInterruptedBySillyTavern() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = server.http()
                .sendAsync(
                        posting("/sdapi/v1/txt2img", "{\"prompt\": \"a\", \"steps\": 150, \"n_iter\": 60}")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        while (get("/sdapi/v1/progress").getAsJsonObject().get("progress").getAsDouble() == 0) {
            assertThat(answer.isDone()).isFalse();
        }
        RunningServer.json(server.send(to("/sdapi/v1/interrupt").POST(HttpRequest.BodyPublishers.noBody())));
        JsonArray images = RunningServer.json(answer.get()).getAsJsonObject().getAsJsonArray("images");
        assertThat(images.size()).isLessThan(60);
    }

    /** SillyTavern's way to servers of stable-diffusion.cpp: whether there is OpenAI's path, and the web UI's for the image. */
    @Test
    void answersSillyTavernThatTakesItForAnotherServer() throws Exception {
        assertThat(server.send(to("/v1/images/generations").method("OPTIONS", HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(204);
        JsonElement answer = post("/sdapi/v1/txt2img", """
            {"prompt": "a red circle", "negative_prompt": "lowres", "width": 64, "height": 64, "steps": 2, "cfg_scale": 7,
             "seed": 42, "batch_size": 1, "sampler_name": "euler_a", "scheduler": "karras", "clip_skip": 2}
            """);
        assertThat(image(answer).getWidth()).isEqualTo(64);
        assertThat(warnings(answer)).isEmpty();
    }

    /** Open WebUI sends all options back with the model changed, and reads the title and name of each model. */
    @Test
    void answersOpenWebUi() throws Exception {
        RunningServer.json(server.send(to("/sdapi/v1/options"))); // whether it is there
        JsonElement models = get("/sdapi/v1/sd-models");
        assertThat(named(models, "model_name")).hasSize(1);
        JsonObject options = get("/sdapi/v1/options").getAsJsonObject();
        assertThat(options.get("sd_model_checkpoint").getAsString()).isNotEmpty();
        options.addProperty("sd_model_checkpoint", named(models, "title").get(0));
        assertThat(warnings(post("/sdapi/v1/options", options.toString()))).isEmpty();
        JsonElement answer = post("/sdapi/v1/txt2img", """
            {"prompt": "a red circle", "batch_size": 2, "width": 64, "height": 64, "steps": 2, "negative_prompt": "lowres",
             "cfg_scale": 5.5, "sampler_name": "DPM++ 2M", "scheduler": "Karras"}
            """);
        assertThat(answer.getAsJsonObject().getAsJsonArray("images")).hasSize(2);
        assertThat(answer.getAsJsonObject().get("info").isJsonPrimitive()).isTrue();
        assertThat(warnings(answer)).isEmpty();
    }

    /** Open WebUI has an empty header where its user gave no key. */
    @Test
    void answersOpenWebUiWithoutAKey() throws Exception {
        server.restart(ServerOptions.LOCAL);
        for (String header : List.of("", "Basic ")) { // and what SillyTavern has
            JsonElement answer = RunningServer.json(server.send(server.to("/sdapi/v1/txt2img")
                    .header("Authorization", header)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"prompt\": \"a red circle\", \"batch_size\": 1, \"width\": 64, \"height\": 64,"
                                    + " \"steps\": 1}"))));
            assertThat(image(answer).getWidth()).isEqualTo(64);
        }
    }

    /** LibreChat's agents ask for one image, and read the size, seed and first text of {@code info}. */
    @Test
    void answersLibreChat() throws Exception {
        JsonElement answer = post("/sdapi/v1/txt2img", """
            {"prompt": "a red circle", "negative_prompt": "lowres", "cfg_scale": 4.5, "steps": 2, "width": 64, "height": 64}
            """);
        assertThat(image(answer).getHeight()).isEqualTo(64);
        JsonObject info = JsonParser.parseString(
                        answer.getAsJsonObject().get("info").getAsString())
                .getAsJsonObject();
        assertThat(info.get("height").getAsInt()).isEqualTo(64);
        assertThat(info.get("width").getAsInt()).isEqualTo(64);
        String text = info.getAsJsonArray("infotexts").get(0).getAsString();
        assertThat(text.lines().reduce((first, last) -> last).orElseThrow())
                .contains("Steps: 2")
                .contains("Seed: " + info.get("seed").getAsString());
    }
}
