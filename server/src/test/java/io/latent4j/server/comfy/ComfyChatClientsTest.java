package io.latent4j.server.comfy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.RunningServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What chat clients send to ComfyUI, request by request in their order, with the graphs and headers that their sources have and
 * values of this test; and of each answer, what they read.
 */
final class ComfyChatClientsTest {
    /** The graph that Open WebUI begins with, after it has put in what the user wants. */
    private static final String OPEN_WEB_UI = """
        {"3": {"inputs": {"seed": 820198374650127, "steps": 2, "cfg": 8, "sampler_name": "euler", "scheduler": "normal",
               "denoise": 1, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]},
               "class_type": "KSampler", "_meta": {"title": "KSampler"}},
         "4": {"inputs": {"ckpt_name": "embedded"}, "class_type": "CheckpointLoaderSimple",
               "_meta": {"title": "Load Checkpoint"}},
         "5": {"inputs": {"width": 64, "height": 64, "batch_size": 1}, "class_type": "EmptyLatentImage",
               "_meta": {"title": "Empty Latent Image"}},
         "6": {"inputs": {"text": "a red circle", "clip": ["4", 1]}, "class_type": "CLIPTextEncode",
               "_meta": {"title": "CLIP Text Encode (Prompt)"}},
         "7": {"inputs": {"text": "lowres", "clip": ["4", 1]}, "class_type": "CLIPTextEncode",
               "_meta": {"title": "CLIP Text Encode (Prompt)"}},
         "8": {"inputs": {"samples": ["3", 0], "vae": ["4", 2]}, "class_type": "VAEDecode",
               "_meta": {"title": "VAE Decode"}},
         "9": {"inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}, "class_type": "SaveImage",
               "_meta": {"title": "Save Image"}}}
        """;

    @RegisterExtension
    private final RunningServer server = new RunningServer();

    private static JsonObject object(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }

    private static JsonObject child(JsonElement json, String... path) {
        JsonObject at = json.getAsJsonObject();
        for (String key : path) {
            at = at.getAsJsonObject(key);
        }
        return at;
    }

    /** Open WebUI's header, where its user gave no key. */
    private HttpRequest.Builder webUi(String path) {
        return server.to(path).header("User-Agent", "Mozilla/5.0").header("Authorization", "Bearer ");
    }

    /** It opens a socket, sends the graph, waits for the end, reads the history and fetches images by their addresses. */
    @Test
    void answersOpenWebUi() throws Exception {
        JsonElement nodes = RunningServer.json(server.send(webUi("/object_info")));
        assertThat(child(nodes, "CheckpointLoaderSimple", "input", "required")
                        .getAsJsonArray("ckpt_name")
                        .get(0)
                        .getAsJsonArray()
                        .get(0)
                        .getAsString())
                .isEqualTo("embedded");
        assertThat(madeForOpenWebUi(object(OPEN_WEB_UI)).getWidth()).isEqualTo(64);
    }

    private BufferedImage madeForOpenWebUi(JsonObject graph) throws IOException, InterruptedException {
        Ears ears = new Ears();
        WebSocket socket = ears.listen(server, "0b6a5ea8-7b0e-44ab-9d3e-2f6a7b4f6f0d");
        JsonObject body = new JsonObject();
        body.add("prompt", graph);
        body.addProperty("client_id", "0b6a5ea8-7b0e-44ab-9d3e-2f6a7b4f6f0d");
        String id = RunningServer.json(server.send(webUi("/prompt")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))))
                .getAsJsonObject()
                .get("prompt_id")
                .getAsString();
        JsonObject data;
        do {
            List<JsonObject> heard = ears.until("executing");
            data = heard.get(heard.size() - 1).getAsJsonObject("data");
        } while (!data.get("node").isJsonNull());
        assertThat(data.get("prompt_id").getAsString()).isEqualTo(id);
        JsonElement history = RunningServer.json(server.send(webUi("/history/" + id)));
        JsonObject file = child(history, id, "outputs", "9")
                .getAsJsonArray("images")
                .get(0)
                .getAsJsonObject();
        byte[] png = server.bytes(webUi("/view?filename=" + file.get("filename").getAsString() + "&subfolder="
                + file.get("subfolder").getAsString() + "&type="
                + file.get("type").getAsString()));
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    /** Before it edits an image, it sends it to a path that has /api before it, and puts the name that is answered in its graph. */
    @Test
    void editsForOpenWebUi() throws Exception {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(utf8(String.join(
                "\r\n",
                "--line",
                "Content-Disposition: form-data; name=\"image\"; filename=\"6f9619ff.png\"",
                "Content-Type: image/png",
                "",
                "")));
        form.writeBytes(PngFile.bytes(new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB), Map.of()));
        form.writeBytes(utf8(String.join(
                "\r\n",
                "",
                "--line",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Disposition: form-data; name=\"type\"",
                "",
                "input",
                "--line--",
                "")));
        JsonObject sent = RunningServer.json(server.send(server.to("/api/upload/image")
                        .header("Content-Type", "multipart/form-data; boundary=line")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))))
                .getAsJsonObject();
        JsonObject graph = object(OPEN_WEB_UI);
        JsonObject load = object("{\"class_type\": \"LoadImage\", \"inputs\": {}}");
        load.getAsJsonObject("inputs").add("image", sent.get("name"));
        graph.add("10", load);
        graph.add(
                "5",
                object("{\"class_type\": \"VAEEncode\", \"inputs\": {\"pixels\": [\"10\", 0], \"vae\": [\"4\", 2]}}"));
        child(graph, "3", "inputs").addProperty("denoise", 0.6);
        assertThat(madeForOpenWebUi(graph).getHeight()).isEqualTo(48);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private JsonElement choices(String node, String input) throws IOException, InterruptedException {
        return child(server.get("/object_info"), node, "input", "required")
                .getAsJsonArray(input)
                .get(0);
    }

    /** SillyTavern reads its lists from the nodes' inputs, those of loaders among them that have nothing to load here. */
    @Test
    void listsForSillyTavern() throws Exception {
        server.get("/system_stats");
        assertThat(choices("KSampler", "sampler_name").getAsJsonArray()).isNotEmpty();
        assertThat(choices("KSampler", "scheduler").getAsJsonArray()).isNotEmpty();
        assertThat(choices("CheckpointLoaderSimple", "ckpt_name").getAsJsonArray())
                .hasSize(1);
        assertThat(choices("UNETLoader", "unet_name").getAsJsonArray()).isEmpty();
        assertThat(choices("VAELoader", "vae_name").getAsJsonArray()).isEmpty();
    }

    /** The graph that SillyTavern begins with. It has no id, sends the graph as text, and asks for the whole history. */
    @Test
    void answersSillyTavern() throws Exception {
        String id = sillyTavern("""
            {
                "prompt": {"3": {"class_type": "KSampler", "inputs": {"cfg": 7, "denoise": 1, "latent_image": ["5", 0],
                           "model": ["4", 0], "negative": ["7", 0], "positive": ["6", 0], "sampler_name": "ddim",
                           "scheduler": "normal", "seed": 5238745293847, "steps": 2}},
                 "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "embedded"}},
                 "5": {"class_type": "EmptyLatentImage", "inputs": {"batch_size": 1, "height": 64, "width": 64}},
                 "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "a red circle"}},
                 "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "lowres"}},
                 "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
                 "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "SillyTavern", "images": ["8", 0]}}}
            }
            """);
        JsonObject job = ended(id);
        assertThat(child(job, "status").get("status_str").getAsString()).isNotEqualTo("error");
        JsonObject file =
                child(job, "outputs", "9").getAsJsonArray("images").get(0).getAsJsonObject();
        byte[] png =
                server.bytes(server.to("/view?filename=" + file.get("filename").getAsString() + "&subfolder="
                        + file.get("subfolder").getAsString() + "&type="
                        + file.get("type").getAsString()));
        assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(64);
    }

    private String sillyTavern(String body) throws IOException, InterruptedException {
        return RunningServer.json(server.send(server.to("/prompt")
                        .header("Content-Type", "text/plain;charset=UTF-8")
                        .POST(HttpRequest.BodyPublishers.ofString(body))))
                .getAsJsonObject()
                .get("prompt_id")
                .getAsString();
    }

    private JsonObject ended(String id) throws IOException, InterruptedException {
        JsonObject history = server.get("/history").getAsJsonObject();
        while (!history.has(id)) {
            history = server.get("/history").getAsJsonObject();
        }
        return history.getAsJsonObject(id);
    }

    /** What went wrong, it reads from the messages of the job's status. */
    @Test
    void tellsSillyTavernWhatWentWrong() throws Exception {
        JsonObject graph = object(OPEN_WEB_UI);
        child(graph, "5", "inputs").addProperty("width", 65); // which the model refuses
        JsonObject body = new JsonObject();
        body.add("prompt", graph);
        JsonObject status = child(ended(sillyTavern(body.toString())), "status");
        assertThat(status.get("status_str").getAsString()).isEqualTo("error");
        List<JsonObject> errors = status.getAsJsonArray("messages").asList().stream()
                .map(JsonElement::getAsJsonArray)
                .filter(message -> message.get(0).getAsString().equals("execution_error"))
                .map(message -> message.get(1).getAsJsonObject())
                .toList();
        assertThat(errors).singleElement().satisfies(error -> {
            assertThat(error.get("node_type").getAsString()).isEqualTo("KSampler");
            assertThat(error.get("node_id").getAsString()).isEqualTo("3");
            assertThat(error.get("exception_type").getAsString()).isNotEmpty();
            assertThat(error.get("exception_message").getAsString()).contains("65");
        });
    }

    /** SillyTavern interrupts by a request without a body. */
    @Test
    void isInterruptedBySillyTavern() throws Exception {
        JsonObject graph = object(OPEN_WEB_UI);
        child(graph, "3", "inputs").addProperty("steps", 200);
        JsonObject body = new JsonObject();
        body.add("prompt", graph);
        Ears ears = new Ears();
        WebSocket socket = ears.listen(server, "listening");
        body.addProperty("client_id", "listening");
        String id = sillyTavern(body.toString());
        ears.until("progress");
        assertThat(server.send(server.to("/interrupt")
                                .header("Authorization", "Basic dW5kZWZpbmVk")
                                .POST(HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
        assertThat(child(ended(id), "status").get("status_str").getAsString()).isEqualTo("error");
        socket.abort();
    }
}
