package io.latent4j.server.comfy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.RunningServer;
import io.latent4j.server.ServerOptions;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The form of ComfyUI, with the embedded model. */
final class ComfyApiTest {
    private static final String KEY = "a-key-of-the-server";

    @RegisterExtension
    private final RunningServer server = new RunningServer();

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return server.post(path, body);
    }

    private byte[] bytes(String path) throws IOException, InterruptedException {
        return server.bytes(server.to(path));
    }

    private JsonElement get(String path) throws IOException, InterruptedException {
        return server.get(path);
    }

    private static JsonObject object(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }

    private static JsonObject graph(int steps) {
        JsonObject graph = object(GraphReaderTest.BASIC);
        JsonObject sampler = graph.getAsJsonObject("3").getAsJsonObject("inputs");
        sampler.addProperty("steps", steps);
        sampler.addProperty("seed", 7);
        graph.getAsJsonObject("5").getAsJsonObject("inputs").addProperty("height", 64);
        return graph;
    }

    private String submitted(JsonObject graph, String client) throws IOException, InterruptedException {
        JsonObject body = new JsonObject();
        body.add("prompt", graph);
        body.addProperty("client_id", client);
        HttpResponse<String> answer = post("/prompt", body.toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return object(answer.body()).get("prompt_id").getAsString();
    }

    private WebSocket listen(Ears ears, String id) {
        return ears.listen(server, id);
    }

    /** What Open WebUI, SillyTavern and most scripts do: submit, listen, read the history, and look at the image. */
    @Test
    void makesTheImagesOfAGraph() throws Exception {
        Ears ears = new Ears();
        WebSocket socket = listen(ears, "client-1");
        JsonObject status = ears.next();
        assertThat(status.getAsJsonObject("data").get("sid").getAsString()).isEqualTo("client-1");
        String id = submitted(graph(12), "client-1");
        List<JsonObject> heard = ears.until("execution_success");
        List<String> types =
                heard.stream().map(message -> message.get("type").getAsString()).toList();
        assertThat(types)
                .containsSubsequence(
                        "execution_start",
                        "execution_cached",
                        "executing",
                        "progress",
                        "executed",
                        "execution_success");
        assertThat(heard.stream()
                        .filter(message -> message.get("type").getAsString().equals("executing"))
                        .map(message ->
                                message.getAsJsonObject("data").get("node").getAsString()))
                .containsSubsequence("4", "3", "8", "9");
        JsonObject end = ears.next();
        assertThat(end.get("type").getAsString()).isEqualTo("executing");
        assertThat(end.getAsJsonObject("data").get("node").isJsonNull()).isTrue();
        synchronized (ears.previews) {
            assertThat(ears.previews).isNotEmpty().allMatch(preview -> preview[3] == 1 && preview[7] == 2);
            byte[] first = ears.previews.get(0);
            assertThat(ImageIO.read(new ByteArrayInputStream(first, 8, first.length - 8))
                            .getWidth())
                    .isEqualTo(64);
        }
        JsonObject job = get("/history/" + id).getAsJsonObject().getAsJsonObject(id);
        assertThat(job.getAsJsonObject("status").get("completed").getAsBoolean())
                .isTrue();
        JsonArray files = job.getAsJsonObject("outputs").getAsJsonObject("9").getAsJsonArray("images");
        assertThat(files).hasSize(2);
        JsonObject file = files.get(0).getAsJsonObject();
        assertThat(file.get("filename").getAsString()).startsWith("mine_");
        byte[] png = bytes("/view?filename=" + file.get("filename").getAsString() + "&subfolder=&type=output");
        assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(64);
        byte[] jpeg = bytes("/view?filename=" + file.get("filename").getAsString() + "&preview=jpeg;80");
        assertThat(jpeg).startsWith(0xff, 0xd8);
        assertThat(get("/history").getAsJsonObject().keySet()).containsExactly(id);
        post("/history", "{\"delete\": [\"" + id + "\"]}");
        assertThat(get("/history").getAsJsonObject().keySet()).isEmpty();
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }

    @Test
    void leavesSocketsToOtherClients() throws Exception {
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Ears ears = new Ears();
            sockets.add(listen(ears, "many-" + i));
            ears.next();
        }
        CompletableFuture<Integer> closed = new CompletableFuture<>();
        WebSocket.Listener last = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                closed.complete(status);
                return null;
            }
        };
        server.http()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + server.uri().getPort() + "/ws?clientId=one-more"), last)
                .join();
        assertThat(closed.get(60, TimeUnit.SECONDS)).isEqualTo(1013);
        sockets.forEach(WebSocket::abort);
    }

    @Test
    void interruptsAndClears() throws Exception {
        Ears ears = new Ears();
        WebSocket socket = listen(ears, "client-2");
        String first = submitted(graph(200), "client-2");
        String second = submitted(graph(2), "client-2");
        ears.until("progress");
        JsonObject queue = get("/queue").getAsJsonObject();
        assertThat(queue.getAsJsonArray("queue_running")
                        .get(0)
                        .getAsJsonArray()
                        .get(1)
                        .getAsString())
                .isEqualTo(first);
        assertThat(queue.getAsJsonArray("queue_pending")
                        .get(0)
                        .getAsJsonArray()
                        .get(1)
                        .getAsString())
                .isEqualTo(second);
        assertThat(get("/prompt")
                        .getAsJsonObject()
                        .getAsJsonObject("exec_info")
                        .get("queue_remaining")
                        .getAsInt())
                .isEqualTo(2);
        post("/queue", "{\"delete\": [\"" + second + "\"]}");
        assertThat(post("/interrupt", "").statusCode()).isEqualTo(200);
        assertThat(post("/free", "{\"unload_models\": true}").statusCode()).isEqualTo(200);
        assertThat(post("/api/free", "{\"free_memory\": true}").statusCode()).isEqualTo(200);
        ears.until("execution_interrupted");
        assertThat(get("/queue").getAsJsonObject().getAsJsonArray("queue_pending"))
                .isEmpty();
        assertThat(get("/history").getAsJsonObject().keySet()).containsExactly(first);
        assertThat(get("/history/" + first)
                        .getAsJsonObject()
                        .getAsJsonObject(first)
                        .getAsJsonObject("status")
                        .get("completed")
                        .getAsBoolean())
                .isFalse();
        socket.abort();
    }

    private static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private JsonObject upload(String path, String name, byte[] bytes, String more)
            throws IOException, InterruptedException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(("--line\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" + name
                        + "\"\r\nContent-Type: image/png\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(bytes);
        form.writeBytes(("\r\n" + more + "--line--\r\n").getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> answer = server.http()
                .send(
                        HttpRequest.newBuilder(server.uri().resolve(path))
                                .header("Content-Type", "multipart/form-data; boundary=line")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return object(answer.body());
    }

    private static String part(String name, String value) {
        return "--line\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    /** Black, and transparent from the middle to the right. */
    private static BufferedImage halfTransparent() {
        BufferedImage image = new BufferedImage(66, 64, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 66; x++) {
                image.setRGB(x, y, x < 33 ? 0xff000000 : 0);
            }
        }
        return image;
    }

    private String ended(String id) throws IOException, InterruptedException {
        post("/prompt", "{}");
        server.http()
                .send(
                        HttpRequest.newBuilder(server.uri().resolve("/api/jobs/" + id + "/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        JsonObject job = get("/history/" + id).getAsJsonObject().getAsJsonObject(id);
        assertThat(job.getAsJsonObject("status").get("status_str").getAsString())
                .as(job.toString())
                .isEqualTo("success");
        return job.getAsJsonObject("outputs")
                .getAsJsonObject("9")
                .getAsJsonArray("images")
                .get(0)
                .getAsJsonObject()
                .get("filename")
                .getAsString();
    }

    @Test
    void repaintsWhatIsTransparent() throws Exception {
        JsonObject sent = upload("/upload/image", "photo.png", png(halfTransparent()), "");
        assertThat(sent.get("name").getAsString()).isEqualTo("photo.png");
        BufferedImage opaque = new BufferedImage(66, 64, BufferedImage.TYPE_INT_RGB);
        assertThat(upload("/upload/image", "photo.png", png(opaque), "")
                        .get("name")
                        .getAsString())
                .isEqualTo("photo (1).png");
        assertThat(ImageIO.read(new ByteArrayInputStream(bytes("/view?filename=photo.png&type=input")))
                        .getColorModel()
                        .hasAlpha())
                .isTrue();
        JsonObject graph = graph(4);
        graph.add("20", object("{\"class_type\": \"LoadImage\", \"inputs\": {\"image\": \"photo.png\"}}"));
        graph.add(
                "21",
                object("{\"class_type\": \"VAEEncode\", \"inputs\": {\"pixels\": [\"20\", 0], \"vae\": [\"4\", 2]}}"));
        graph.add(
                "22",
                object("{\"class_type\": \"SetLatentNoiseMask\", \"inputs\": {\"samples\": [\"21\", 0], \"mask\":"
                        + " [\"20\", 1]}}"));
        graph.getAsJsonObject("3").getAsJsonObject("inputs").add("latent_image", JsonParser.parseString("[\"22\", 0]"));
        String name = ended(submitted(graph, ""));
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes("/view?filename=" + name)));
        assertThat(image.getWidth()).isEqualTo(64); // whole blocks of 8
        assertThat(image.getRGB(10, 30) & 0xffffff).isZero();
        assertThat(image.getRGB(60, 30) & 0xffffff).isNotZero();
        graph.getAsJsonObject("20").getAsJsonObject("inputs").addProperty("image", "photo (1).png");
        upload(
                "/upload/mask",
                "masked.png",
                png(halfTransparent()),
                part("original_ref", "{\"filename\": \"photo (1).png\", \"type\": \"input\"}"));
        graph.getAsJsonObject("20").getAsJsonObject("inputs").addProperty("image", "masked.png");
        graph.getAsJsonObject("22").addProperty("class_type", "VAEEncodeForInpaint");
        graph.getAsJsonObject("22")
                .add(
                        "inputs",
                        object("{\"pixels\": [\"20\", 0], \"vae\": [\"4\", 2], \"mask\": [\"20\", 1],"
                                + " \"grow_mask_by\": 6}"));
        assertThat(ended(submitted(graph, ""))).startsWith("mine_");
    }

    @Test
    void startsFromAFinishedImage() throws Exception {
        String name = ended(submitted(graph(2), ""));
        JsonObject graph = graph(2);
        JsonObject load = object("{\"class_type\": \"LoadImage\"}");
        JsonObject inputs = new JsonObject();
        inputs.addProperty("image", name + " [output]");
        load.add("inputs", inputs);
        graph.add("20", load);
        graph.add(
                "21",
                object("{\"class_type\": \"VAEEncode\", \"inputs\": {\"pixels\": [\"20\", 0], \"vae\": [\"4\", 2]}}"));
        JsonObject sampler = graph.getAsJsonObject("3").getAsJsonObject("inputs");
        sampler.add("latent_image", JsonParser.parseString("[\"21\", 0]"));
        sampler.addProperty("denoise", 0.5);
        assertThat(ended(submitted(graph, ""))).isNotEqualTo(name);
    }

    @Test
    void refusesInComfysForm() throws Exception {
        JsonObject graph = graph(2);
        graph.add("40", object("{\"class_type\": \"FaceDetailer\", \"inputs\": {}}"));
        JsonObject body = new JsonObject();
        body.add("prompt", graph);
        HttpResponse<String> answer = post("/prompt", body.toString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(object(answer.body()).getAsJsonObject("node_errors").has("40"))
                .isTrue();
        assertThat(object(post("/prompt", "{}").body())
                        .getAsJsonObject("error")
                        .get("type")
                        .getAsString())
                .isEqualTo("no_prompt");
        assertThat(object(post("/prompt", "[").body()).getAsJsonObject("error").has("message"))
                .isTrue();
        body.add("prompt", graph(2));
        body.addProperty("prompt_id", "mine");
        assertThat(post("/prompt", body.toString()).statusCode()).isEqualTo(200);
        assertThat(post("/prompt", body.toString()).statusCode()).isEqualTo(400);
        JsonObject large = graph(2);
        large.getAsJsonObject("5").getAsJsonObject("inputs").addProperty("width", 16_384);
        large.getAsJsonObject("5").getAsJsonObject("inputs").addProperty("height", 16_384);
        body.remove("prompt_id");
        body.add("prompt", large);
        assertThat(post("/prompt", body.toString()).body()).contains("pixels");
        for (String path : List.of(
                "/view?filename=../../etc/passwd",
                "/view?filename=%2Fetc%2Fpasswd&type=input",
                "/view?filename=x.png&subfolder=..",
                "/view",
                "/models/none")) {
            HttpResponse<String> missing = server.http()
                    .send(
                            HttpRequest.newBuilder(server.uri().resolve(path)).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(missing.statusCode()).as(path).isEqualTo(404);
            assertThat(object(missing.body()).has("error")).isTrue();
        }
    }

    @Test
    void listsWhatThereIs() throws Exception {
        JsonObject nodes = get("/object_info").getAsJsonObject();
        JsonObject sampler =
                nodes.getAsJsonObject("KSampler").getAsJsonObject("input").getAsJsonObject("required");
        assertThat(sampler.getAsJsonArray("sampler_name")
                        .get(0)
                        .getAsJsonArray()
                        .size())
                .isGreaterThan(15);
        assertThat(nodes.getAsJsonObject("CheckpointLoaderSimple")
                        .getAsJsonObject("input")
                        .getAsJsonObject("required")
                        .getAsJsonArray("ckpt_name")
                        .get(0)
                        .getAsJsonArray()
                        .get(0)
                        .getAsString())
                .isEqualTo("embedded");
        assertThat(get("/object_info/SaveImage").getAsJsonObject().keySet()).containsExactly("SaveImage");
        assertThat(get("/object_info/None").getAsJsonObject().keySet()).isEmpty();
        assertThat(get("/models").getAsJsonArray()).isNotEmpty();
        assertThat(get("/models/checkpoints").getAsJsonArray().get(0).getAsString())
                .isEqualTo("embedded");
        assertThat(get("/embeddings").getAsJsonArray()).isEmpty();
        assertThat(get("/features").isJsonObject()).isTrue();
        assertThat(get("/system_stats").getAsJsonObject().has("system")).isTrue();
    }

    private static int status(Throwable refused) {
        return ((WebSocketHandshakeException) refused.getCause()).getResponse().statusCode();
    }

    @Test
    void opensNoSocketForOtherPagesAndWithoutAKey() throws Exception {
        assertThatThrownBy(() -> server.http()
                        .newWebSocketBuilder()
                        .header("Origin", "http://example.com")
                        .buildAsync(URI.create("ws://127.0.0.1:" + server.uri().getPort() + "/ws"), new Ears())
                        .join())
                .isNotNull();
        server.restart(ServerOptions.LOCAL.withKeys(List.of(KEY)));
        URI address = URI.create("ws://127.0.0.1:" + server.uri().getPort() + "/ws");
        assertThatThrownBy(() -> server.http()
                        .newWebSocketBuilder()
                        .buildAsync(address, new Ears())
                        .join())
                .satisfies(e -> assertThat(status(e)).isEqualTo(401));
        Ears ears = new Ears();
        server.http()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + KEY)
                .buildAsync(address, ears)
                .join();
        assertThat(ears.next().get("type").getAsString()).isEqualTo("status");
    }
}
