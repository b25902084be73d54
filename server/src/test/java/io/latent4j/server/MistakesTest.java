package io.latent4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What users get wrong most, in each form: the answer has that form, and says what is wrong and what is expected. */
final class MistakesTest {
    private static final String OPENAI = "/v1/images/generations";
    private static final String EDITS = "/v1/images/edits";
    private static final String TEXT = "/sdapi/v1/txt2img";
    private static final String IMAGE = "/sdapi/v1/img2img";
    private static final String OLLAMA = "/api/generate";
    private static final String OWN = "/api/jobs";
    private static final String COMFY = "/prompt";

    @RegisterExtension
    private final RunningServer server = new RunningServer();

    /** The message of an error, where its form has it. */
    private static String message(String path, String body) {
        JsonObject json = JsonParser.parseString(body).getAsJsonObject();
        if (path.startsWith("/sdapi/")) {
            return json.get("detail").toString();
        }
        JsonElement error = json.get("error");
        if (path.equals(OLLAMA)) {
            return error.getAsString();
        }
        JsonObject inner = error.getAsJsonObject();
        if (path.equals(COMFY)) {
            assertThat(json.has("node_errors")).isTrue();
            return inner.get("message").getAsString() + " "
                    + inner.get("details").getAsString();
        }
        assertThat(inner.has("code")).isTrue();
        return inner.get("message").getAsString();
    }

    private void wrong(int status, String path, String body, String... words) throws Exception {
        check(server.post(path, body), status, path, words);
    }

    private static void check(HttpResponse<String> answer, int status, String path, String... words) {
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(status);
        assertThat(message(path, answer.body())).as(path).contains(words).doesNotContain("Gson", "JsonReader", "java.");
    }

    private void form(String path, Map<String, byte[]> files, String... words) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(bytes("--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na\r\n"));
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            body.writeBytes(bytes("--b\r\nContent-Disposition: form-data; name=\"" + file.getKey()
                    + "\"; filename=\"a.png\"\r\n\r\n"));
            body.writeBytes(file.getValue());
            body.writeBytes(bytes("\r\n"));
        }
        body.writeBytes(bytes("--b--\r\n"));
        HttpResponse<String> answer = server.send(server.to(path)
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
        check(answer, 400, path, words);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] png(int width, int height) {
        return PngFile.bytes(new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB), Map.of());
    }

    private static String graph(String node, String input, String value) {
        JsonObject graph = JsonParser.parseString("""
            {"3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 1, "cfg": 7, "sampler_name": "euler",
                   "scheduler": "normal", "denoise": 1, "model": ["4", 0], "positive": ["6", 0], "negative": ["6", 0],
                   "latent_image": ["5", 0]}},
             "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "embedded"}},
             "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a", "clip": ["4", 1]}},
             "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
             "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["8", 0]}}}
            """).getAsJsonObject();
        JsonObject inputs = graph.getAsJsonObject(node).getAsJsonObject("inputs");
        inputs.remove(input);
        if (!value.isEmpty()) {
            inputs.add(input, JsonParser.parseString(value));
        }
        return "{\"prompt\": " + graph + "}";
    }

    @Test
    void ofTheBody() throws Exception {
        for (String path : List.of(OPENAI, OLLAMA, OWN, COMFY)) {
            wrong(400, path, "{\"prompt\": ", "the body is no JSON, at line 1, column", "expected {...}");
            wrong(400, path, "prompt=a", "the body is no JSON");
            wrong(400, path, "[1]", "the body is no JSON object");
        }
        wrong(422, TEXT, "{\"prompt\": ", "the body is no JSON, at line 1, column");
        wrong(422, TEXT, "null", "the body is no JSON object");
        wrong(400, OPENAI, "{\"prompt\": \"a\", \"latent4j\": \"steps\"}", "latent4j is \"steps\"; expected an object");
    }

    @Test
    void ofTheMethod() throws Exception {
        for (String path : List.of(OPENAI, EDITS, TEXT, OLLAMA)) {
            HttpResponse<String> answer = server.send(server.to(path));
            check(answer, 405, path, "expected POST");
            assertThat(answer.headers().firstValue("Allow")).contains("POST");
        }
        for (String path : List.of(OWN, COMFY)) {
            check(
                    server.send(server.to(path).PUT(HttpRequest.BodyPublishers.noBody())),
                    405,
                    path,
                    "expected GET or POST");
        }
        for (String path : List.of("/v1/nothing", "/sdapi/v1/nothing", "/api/nothing")) {
            check(server.send(server.to(path)), 404, path, "there is nothing at this address");
        }
    }

    @Test
    void ofNames() throws Exception {
        String expected = "expected one of embedded";
        String nearest = "the nearest names are euler, euler karras, euler a; /api/models lists all";
        wrong(404, OPENAI, "{\"prompt\": \"a\", \"model\": \"sdxl\"}", "no model sdxl", expected);
        wrong(404, OPENAI, "{\"prompt\": \"a\", \"model\": \"gpt-image-1\"}", "no model gpt-image-1", "--model");
        wrong(404, TEXT, "{\"override_settings\": {\"sd_model_checkpoint\": \"sdxl\"}}", "sdxl", expected);
        wrong(404, OLLAMA, "{\"prompt\": \"a\", \"model\": \"sdxl\"}", "'sdxl' not found", expected);
        wrong(404, OWN, "{\"prompt\": \"a\", \"model\": \"sdxl\"}", "no model sdxl", expected);
        wrong(400, COMFY, graph("4", "ckpt_name", "\"sdxl\""), "#4", "ckpt_name: 'sdxl' not in ['embedded']");
        wrong(400, OPENAI, "{\"prompt\": \"a\", \"latent4j\": {\"scheduler\": \"eulerr\"}}", nearest);
        wrong(
                400,
                TEXT,
                "{\"sampler_name\": \"eulerr\"}",
                "sampler_name is \\\"eulerr\\\"; the nearest names are euler",
                "/sdapi/v1/samplers");
        wrong(400, OWN, "{\"prompt\": \"a\", \"scheduler\": \"eulerr\"}", nearest);
        wrong(400, OLLAMA, "{\"prompt\": \"a\", \"latent4j\": {\"scheduler\": \"eulerr\"}}", nearest);
        wrong(400, COMFY, graph("3", "sampler_name", "\"eulerr\""), "'eulerr' not in ['euler'");
        for (String path : List.of(OPENAI, TEXT, OLLAMA, OWN)) {
            wrong(400, path, "{\"prompt\": \"a <lora:ink:1>\"}", "no adapter ink");
        }
        wrong(400, COMFY, graph("6", "text", "\"a <lora:ink:1>\""), "no adapter ink");
        wrong(400, OWN, "{\"prompt\": \"a\", \"stepz\": 3}", "stepz is no key here, the nearest is \"steps\"");
        wrong(400, COMFY, "{\"prompt\": {\"nodes\": [], \"links\": []}}", "ComfyUI's page", "API");
    }

    @Test
    void ofNumbersAndTypes() throws Exception {
        wrong(400, OPENAI, "{\"prompt\": \"a\", \"size\": \"9000x9000\"}", "9000x9000 pixels; expected at most");
        for (String path : List.of(TEXT, OLLAMA, OWN)) {
            wrong(
                    400,
                    path,
                    "{\"prompt\": \"a\", \"width\": 9000, \"height\": 9000}",
                    "9000x9000 pixels; expected at most");
        }
        wrong(400, COMFY, graph("5", "width", "9000"), "9000x64 pixels; expected at most");
        wrong(400, OPENAI, "{\"prompt\": \"a\", \"n\": 11}", "n is 11; expected a whole number, 1 to 10");
        wrong(400, TEXT, "{\"batch_size\": 50, \"n_iter\": 10}", "batch_size times n_iter is 500", "at most 64");
        wrong(400, OWN, "{\"prompt\": \"a\", \"count\": 500}", "count is 500; expected at most 64");
        wrong(400, OWN, "{\"prompt\": \"a\", \"steps\": 500}", "steps is 500; expected at most 200");
        wrong(400, COMFY, graph("5", "batch_size", "500"), "500", "at most 64");
        wrong(400, OPENAI, "{\"prompt\": \"a\", \"latent4j\": {\"steps\": -3}}", "steps is -3; expected");
        wrong(400, TEXT, "{\"steps\": -3}", "steps is -3; expected 1 or more");
        wrong(400, OLLAMA, "{\"prompt\": \"a\", \"steps\": -3}", "steps is -3; expected");
        wrong(400, OWN, "{\"prompt\": \"a\", \"steps\": -3}", "steps is -3; expected");
        wrong(400, COMFY, graph("3", "steps", "-3"), "#3", "steps, -3; expected 1 or more");
        wrong(422, TEXT, "{\"prompt\": [\"a\"], \"steps\": \"many\"}", "prompt", "str type expected", "valid integer");
        for (String path : List.of(OPENAI, OLLAMA, OWN)) {
            wrong(400, path, "{\"prompt\": 7}", "prompt is 7; expected a");
        }
        wrong(400, COMFY, graph("3", "steps", "\"many\""), "steps, \"many\"");
        wrong(400, OPENAI, "{}", "there is no prompt");
        wrong(400, OPENAI, "{\"prompt\": \" \"}", "there is no prompt");
        wrong(400, COMFY, graph("6", "text", ""), "#6: text");
        wrong(400, COMFY, "{\"client_id\": \"x\"}", "No prompt provided");
    }

    @Test
    void ofImages() throws Exception {
        String text = Base64.getEncoder().encodeToString(bytes("no image"));
        String source = Base64.getEncoder().encodeToString(png(64, 64));
        wrong(422, IMAGE, "{\"prompt\": \"a\"}", "init_images", "there is no image to begin with");
        wrong(400, IMAGE, "{\"init_images\": [\"%%%\"]}", "init_images is no Base64");
        wrong(400, IMAGE, "{\"init_images\": [\"" + text + "\"]}", "init_images cannot be read; expected a whole PNG");
        wrong(400, IMAGE, "{\"init_images\": [\"" + source + "\"], \"mask\": \"" + text + "\"}", "mask cannot be read");
        wrong(400, OLLAMA, "{\"prompt\": \"a\", \"images\": [\"%%%\"]}", "images is no Base64");
        wrong(400, OLLAMA, "{\"prompt\": \"a\", \"images\": [\"" + text + "\"]}", "images cannot be read");
        wrong(
                400,
                OWN,
                "{\"prompt\": \"a\", \"source\": {\"image\": \"x.png\"}}",
                "source.image is no image that was sent");
        form(EDITS, Map.of(), "there is no image; expected a file in the field image");
        form(EDITS, Map.of("image", bytes("no image")), "cannot be read; expected a whole PNG");
        form(
                EDITS,
                Map.of("image", png(64, 64), "mask", png(32, 64)),
                "the mask is 32x64 and the image 64x64; expected a mask of the image's size");
        wrong(415, EDITS, "{\"prompt\": \"a\"}", "expected multipart/form-data");
    }
}
