package io.latent4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.api.Limits;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.MemoryJobStore;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server must refuse, whoever asks. No job here is run: all are refused before they are queued. */
final class SecurityTest {
    private static final String KEY = "a-key-of-the-test-0123";
    private static final Limits LIMITS =
            new Limits(1 << 20, 4_000_000, 512 * 512, 20, 8, 512 * 512 * 20, 1000, 64 << 20);

    @TempDir
    private static Path data;

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ModelRegistry REGISTRY = new ModelRegistry();
    private static final MemoryJobStore STORE = new MemoryJobStore();
    private static Server open;
    private static Server locked;

    @BeforeAll
    static void start() throws IOException {
        ServerOptions options =
                ServerOptions.LOCAL.withPort(0).withLimits(LIMITS).withOrigins(Set.of("https://friend.example"));
        open = Server.start(options, REGISTRY, STORE, QueueOptions.DEFAULT, data.resolve("open"));
        locked = Server.start(
                options.withKeys(List.of(KEY)), REGISTRY, STORE, QueueOptions.DEFAULT, data.resolve("locked"));
    }

    @AfterAll
    static void stop() {
        open.close();
        locked.close();
        REGISTRY.close();
    }

    private static HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(open.uri().resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) { // the server has closed the connection behind a body that it refused before
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static HttpResponse<String> get(Server server, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri().resolve(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Sends bytes as they are, and returns the answer's status line. */
    private static String raw(Server server, String text) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            byte[] answer = socket.getInputStream().readNBytes(12);
            return new String(answer, StandardCharsets.ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"prompt\": \"a\", \"model\": \"../../etc/passwd\"}",
                "{\"prompt\": \"a\", \"model\": \"/etc\"}",
                "{\"prompt\": \"a\", \"model\": \"runwayml/stable-diffusion-v1-5\"}",
                "{\"prompt\": \"a\", \"model\": \"http://127.0.0.1:1/x.safetensors\"}",
                "{\"prompt\": \"a\", \"adapters\": [{\"name\": \"../x.safetensors\"}]}",
                "{\"prompt\": \"a\", \"adapters\": [{\"name\": \"/etc/passwd\"}]}",
                "{\"prompt\": \"a\", \"controls\": [{\"name\": \"/etc\", \"image\": \"/etc/passwd\"}]}",
                "{\"prompt\": \"a\", \"controls\": [{\"name\": \"owner/name\", \"image\": \"0000\"}]}",
                "{\"prompt\": \"a\", \"source\": {\"image\": \"/etc/passwd\"}}",
                "{\"prompt\": \"a\", \"source\": {\"image\": \"../../../../etc/passwd\"}}",
                "{\"prompt\": \"a\", \"references\": [\"/etc/passwd\"]}",
                "{\"prompt\": \"a\", \"source\": {\"image\": \"file:///etc/passwd\"}}",
                "{\"prompt\": \"a\", \"refiner\": {\"model\": \"/etc\", \"from\": 0.8}}",
                "{\"prompt\": \"a\", \"embeddings\": [{\"file\": \"/etc/passwd\"}]}",
                "{\"prompt\": \"a\", \"preview\": \"/etc\"}",
                "{\"prompt\": \"a\", \"preview\": \"owner/name\"}",
            })
    void noNameOfARequestIsAPath(String job) throws Exception {
        HttpResponse<String> answer = post("/api/jobs", job);
        assertThat(answer.statusCode()).as(answer.body()).isIn(400, 404);
        assertThat(answer.body()).doesNotContain("root:").doesNotContain(data.toString());
        assertThat(STORE.waitingCount() + STORE.runningCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/images/..%2f..%2fetc%2fpasswd",
                "/api/images/%2e%2e",
                "/api/uploads/..%2F..%2Fetc%2Fpasswd",
                "/api/jobs/..%2f..%2f",
                "/api/jobs/%00",
                "/page/..%2f..%2fetc/passwd",
                "/page/%2e%2e/%2e%2e/io/latent4j/server/Server.class",
            })
    void noAddressReachesFiles(String path) throws Exception {
        HttpResponse<String> answer = get(open, path);
        assertThat(answer.statusCode()).as(answer.body()).isIn(400, 404);
        assertThat(answer.body()).doesNotContain("root:").doesNotContain("\u00ca\u00fe");
    }

    @Test
    void fetchesNoAddressOfARequest() throws Exception {
        try (ServerSocket trap = new ServerSocket(0)) {
            trap.setSoTimeout(500);
            String url = "http://127.0.0.1:" + trap.getLocalPort() + "/x.png";
            for (String job : List.of(
                    "{\"prompt\": \"a\", \"source\": {\"image\": \"" + url + "\"}}",
                    "{\"prompt\": \"a\", \"model\": \"" + url + "\"}",
                    "{\"prompt\": \"a\", \"preview\": \"" + url + "\"}")) {
                assertThat(post("/api/jobs", job).statusCode()).isIn(400, 404);
            }
            assertThatThrownBy(trap::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void wantsAKeyForAllButItsHealthAndItsPage() throws Exception {
        for (String path : List.of("/api/jobs", "/api/models", "/api/queue", "/metrics", "/api/images/none", "/none")) {
            assertThat(get(locked, path).statusCode()).as(path).isEqualTo(401);
            assertThat(get(locked, path, "Authorization", "Bearer wrong").statusCode())
                    .as(path)
                    .isEqualTo(401);
        }
        assertThat(get(locked, "/healthz").statusCode()).isEqualTo(200);
        assertThat(get(locked, "/readyz").statusCode()).isEqualTo(200);
        assertThat(get(locked, "/openapi.json").statusCode()).isEqualTo(200);
        assertThat(get(locked, "/api/jobs").headers().firstValue("WWW-Authenticate"))
                .isPresent();
    }

    @Test
    void takesItsKeyInThreeWays() throws Exception {
        String basic = Base64.getEncoder().encodeToString(("user:" + KEY).getBytes(StandardCharsets.UTF_8));
        for (List<String> header : List.of(
                List.of("Authorization", "Bearer " + KEY),
                List.of("Authorization", "Basic " + basic),
                List.of("X-API-Key", KEY))) {
            assertThat(get(locked, "/api/jobs", header.toArray(String[]::new)).statusCode())
                    .as(header.toString())
                    .isEqualTo(200);
        }
        assertThat(get(locked, "/api/jobs", "Authorization", "Basic !!!").statusCode())
                .isEqualTo(401);
        assertThat(get(locked, "/api/jobs", "Authorization", "Bearer " + KEY + "x")
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void isCalledByItsOwnNameOnly() throws Exception {
        String request = "GET /api/jobs HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
        assertThat(raw(open, request.formatted("evil.example"))).endsWith("403");
        assertThat(raw(open, request.formatted("evil.example:" + open.uri().getPort())))
                .endsWith("403");
        assertThat(raw(open, request.formatted("localhost:" + open.uri().getPort())))
                .endsWith("200");
        assertThat(raw(open, request.formatted("127.0.0.1"))).endsWith("200");
        assertThat(raw(open, request.formatted("127.0.0.1.evil.example"))).endsWith("403");
        assertThat(raw(open, request.formatted(""))).containsPattern("40[03]");
    }

    @Test
    void isCalledByItsPublicName() throws Exception {
        String request = "GET /api/queue HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
        ServerOptions options =
                ServerOptions.LOCAL.withPort(0).withPublicUrl(URI.create("https://images.example.com/"));
        try (Server known = Server.start(options, REGISTRY, STORE, QueueOptions.DEFAULT, data.resolve("known"))) {
            assertThat(raw(known, request.formatted("images.example.com"))).endsWith("200");
            assertThat(raw(known, request.formatted("other.example.com"))).endsWith("403");
        }
        for (String wrong :
                List.of("images.example.com", "ftp://a.example", "https://a.example?b", "https://me@a.example")) {
            assertThatThrownBy(() -> ServerOptions.LOCAL.withPublicUrl(URI.create(wrong)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong)
                    .hasMessageContaining("https://images.example.com");
        }
    }

    @Test
    void tellsTheTrueTypesOfImagesThatAreSent() throws Exception {
        for (String type : List.of("png", "jpeg", "gif", "bmp")) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), type, file);
            HttpResponse<String> sent = HTTP.send(
                    HttpRequest.newBuilder(open.uri().resolve("/api/uploads"))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(file.toByteArray()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(sent.statusCode()).as(sent.body()).isEqualTo(201);
            String id = com.google.gson.JsonParser.parseString(sent.body())
                    .getAsJsonObject()
                    .get("id")
                    .getAsString();
            assertThat(get(open, "/api/uploads/" + id).headers().firstValue("Content-Type"))
                    .contains("image/" + type);
        }
    }

    @Test
    void pagesOfOthersStartNothing() throws Exception {
        String job = "{\"prompt\": \"a\", \"steps\": 1000}";
        assertThat(post("/api/jobs", job, "Origin", "https://evil.example").statusCode())
                .isEqualTo(403);
        assertThat(post("/api/jobs", job, "Origin", "null").statusCode()).isEqualTo(403);
        assertThat(post("/api/jobs", job, "Origin", "http://127.0.0.1:1").statusCode())
                .isEqualTo(403);
        HttpResponse<String> read = get(open, "/api/jobs", "Origin", "https://evil.example");
        assertThat(read.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        HttpResponse<String> friend = get(open, "/api/jobs", "Origin", "https://friend.example");
        assertThat(friend.headers().firstValue("Access-Control-Allow-Origin")).contains("https://friend.example");
        assertThat(friend.headers().firstValue("Access-Control-Expose-Headers").orElseThrow())
                .contains("Location", "X-Seed", "Latent4j-Warnings");
        String own = "http://127.0.0.1:" + open.uri().getPort();
        assertThat(post("/api/jobs", job, "Origin", own).statusCode()).isEqualTo(400); // too many steps
    }

    @Test
    void refusesMoreThanItsLimits() throws Exception {
        Map<String, String> jobs = Map.of(
                "steps",
                "{\"prompt\": \"a\", \"steps\": 21}",
                "count",
                "{\"prompt\": \"a\", \"count\": 9}",
                "pixels",
                "{\"prompt\": \"a\", \"width\": 1024, \"height\": 1024}",
                "work",
                "{\"prompt\": \"a\", \"width\": 512, \"height\": 512, \"count\": 2, \"steps\": 11}",
                "work of an upscaled image",
                "{\"prompt\": \"a\", \"width\": 256, \"height\": 256, \"steps\": 20, \"upscale\": {\"factor\": 2,"
                        + " \"strength\": 1}}",
                "upscaled",
                "{\"prompt\": \"a\", \"width\": 512, \"height\": 512, \"upscale\": {\"factor\": 2}}",
                "upscaled from the model's own size",
                "{\"prompt\": \"a\", \"width\": 72, \"upscale\": {\"factor\": 8}}",
                "one side",
                "{\"prompt\": \"a\", \"width\": 1000000}",
                "prompt",
                "{\"prompt\": \"" + "a".repeat(1001) + "\"}",
                "tiles",
                "{\"prompt\": \"a\", \"batch_size\": 100000, \"count\": 9}");
        for (Map.Entry<String, String> job : jobs.entrySet()) {
            HttpResponse<String> answer = post("/api/jobs", job.getValue());
            assertThat(answer.statusCode())
                    .as(job.getKey() + ": " + answer.body())
                    .isEqualTo(400);
        }
        assertThat(post("/api/jobs", "{\"prompt\": \"" + "a".repeat(2 << 20) + "\"}")
                        .statusCode())
                .isEqualTo(413);
        assertThat(post("/api/uploads", "a".repeat(2 << 20)).statusCode()).isEqualTo(413);
    }

    @Test
    void refusesMoreWorkThanItsLimitInEveryForm() throws Exception {
        String graph = """
            {"prompt": {
              "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "embedded"}},
              "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a", "clip": ["1", 1]}},
              "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 2}},
              "4": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "positive": ["2", 0],
                "negative": ["2", 0], "latent_image": ["3", 0], "seed": 7, "steps": 11, "cfg": 3,
                "sampler_name": "ddim", "scheduler": "normal", "denoise": 1}},
              "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
              "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "a"}}}}
            """;
        Map<String, String> bodies = Map.of(
                "/api/jobs",
                "{\"prompt\": \"a\", \"width\": 512, \"height\": 512, \"count\": 2, \"steps\": 11}",
                "/v1/images/generations",
                "{\"prompt\": \"a\", \"size\": \"512x512\", \"n\": 2, \"latent4j\": {\"steps\": 11}}",
                "/sdapi/v1/txt2img",
                "{\"prompt\": \"a\", \"width\": 512, \"height\": 512, \"n_iter\": 2, \"steps\": 11}",
                "/prompt",
                graph);
        Map<String, String> fields =
                Map.of("/api/jobs", "\"field\":\"count\"", "/v1/images/generations", "\"param\":\"n\"");
        for (Map.Entry<String, String> body : bodies.entrySet()) {
            HttpResponse<String> answer = post(body.getKey(), body.getValue());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body())
                    .contains("2 images of 512x512 pixels in 11 steps would take 5767168 steps of pixels")
                    .contains("at most 5242880")
                    .contains(fields.getOrDefault(body.getKey(), "\"error\""));
        }
        HttpResponse<String> ollama = post(
                "/api/generate",
                "{\"model\": \"embedded\", \"prompt\": \"a\", \"width\": 256, \"height\": 256, \"steps\": 20,"
                        + " \"latent4j\": {\"upscale\": {\"factor\": 2, \"strength\": 1}}}");
        assertThat(ollama.statusCode()).as(ollama.body()).isEqualTo(400);
        assertThat(ollama.body()).contains("and then 2.0 times as large").contains("at most 5242880");
    }

    @Test
    void countsTheWorkOfWhatAModelTakesByItself() throws Exception {
        HttpResponse<String> answer = post("/api/jobs", "{\"prompt\": \"a\", \"width\": 512, \"count\": 8}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("8 images of 512x64 pixels in 25 steps would take 6553600 steps of pixels");
    }

    /** Sends an image, and returns its id. */
    private static String sent(int width, int height) throws Exception {
        byte[] png = PngFile.bytes(new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY), Map.of());
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(open.uri().resolve("/api/uploads"))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(png))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return com.google.gson.JsonParser.parseString(answer.body())
                .getAsJsonObject()
                .get("id")
                .getAsString();
    }

    @Test
    void refusesMoreThanItsLimitsByWhatIsLeftOpen() throws Exception {
        String large = sent(600, 600);
        String wide = sent(600, 8);
        Map<String, String> jobs = Map.of(
                "{\"prompt\": \"a\", \"source\": {\"image\": \"" + large + "\"}}",
                "600x600",
                "{\"prompt\": \"a\", \"height\": 512, \"source\": {\"image\": \"" + wide + "\"}}",
                "600x512",
                "{\"prompt\": \"a\", \"controls\": [{\"name\": \"x\", \"image\": \"" + large + "\"}]}",
                "600x600",
                "{\"prompt\": \"a\", \"source\": {\"image\": \"" + wide + "\", \"expansion\": {\"top\": 600}}}",
                "600x608",
                "{\"prompt\": \"a\", \"width\": 64, \"height\": 64, \"source\": {\"image\": \"" + wide
                        + "\", \"expansion\": {\"top\": 8192}}}",
                "600x8200",
                "{\"prompt\": \"a\", \"width\": 512, \"height\": 512, \"count\": 8, \"batch_size\": 8}",
                "batch_size",
                "{\"prompt\": \"a\", \"upscale\": {\"factor\": 2, \"steps\": 21}}",
                "upscale.steps is 21; expected at most 20",
                "{\"prompt\": \"a\", \"adapters\": [" + String.join(", ", Collections.nCopies(51, "{\"name\": \"x\"}"))
                        + "]}",
                "adapters has 51 entries; expected at most 50",
                "{\"prompt\": \"a\", \"controls\": ["
                        + String.join(", ", Collections.nCopies(11, "{\"name\": \"x\", \"image\": \"" + wide + "\"}"))
                        + "]}",
                "controls has 11 entries; expected at most 10");
        for (Map.Entry<String, String> job : jobs.entrySet()) {
            HttpResponse<String> answer = post("/api/jobs", job.getKey());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).as(job.getKey()).contains(job.getValue());
        }
    }

    @Test
    void refusesNestedAndDamagedJson() throws Exception {
        assertThat(post("/api/jobs", "[".repeat(100_000)).statusCode()).isEqualTo(400);
        assertThat(post("/api/jobs", "{\"a\":".repeat(100_000)).statusCode()).isEqualTo(400);
        assertThat(post("/api/jobs", "").statusCode()).isEqualTo(400);
        assertThat(post("/api/jobs", "{\"prompt\": \"a\"} {}").statusCode()).isEqualTo(400);
        assertThat(post("/api/jobs", "{\"steps\": 1e999999999}").statusCode()).isEqualTo(400);
        assertThat(post("/api/jobs", "{\"priority\": 1e999999999}").statusCode())
                .isEqualTo(400);
        assertThat(post("/api/jobs", "{\"deadline_seconds\": {}}").statusCode()).isEqualTo(400);
    }

    @Test
    void refusesImagesThatAreNoneOrTooLarge() throws Exception {
        assertThat(post("/api/uploads", "no image").statusCode()).isEqualTo(400);
        byte[] bomb = PngFile.bytes(new BufferedImage(4000, 4000, BufferedImage.TYPE_BYTE_GRAY), Map.of());
        assertThat(bomb.length).isLessThan(1 << 20);
        String digest = Hashing.sha256().hashBytes(bomb).toString();
        HttpResponse<String> answer = HTTP.send(
                HttpRequest.newBuilder(open.uri().resolve("/api/uploads"))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(bomb))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
        try (Stream<Path> left = Files.walk(data.resolve("open"))) {
            assertThat(left).noneMatch(file -> file.toString().contains(digest));
        }
    }

    @Test
    void givesUpSlowBodies() throws Exception {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), open.uri().getPort())) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write("POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{"
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            Thread drip = new Thread(() -> {
                try {
                    for (int i = 0; i < 200; i++) {
                        Thread.sleep(100);
                        out.write(' ');
                        out.flush();
                    }
                } catch (IOException | InterruptedException e) {
                    return; // given up
                }
            });
            drip.start();
            for (int b = in.read(); b >= 0 && answer.size() < 12; b = in.read()) {
                answer.write(b);
            }
            drip.interrupt();
            drip.join();
            assertThat(answer.toString(StandardCharsets.ISO_8859_1)).matches("(HTTP/1.1 (4|5)..)?.*");
            assertThat(answer.toString(StandardCharsets.ISO_8859_1)).doesNotContain(" 20");
        }
        assertThat(get(open, "/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void nothingOfARequestBecomesAHeader() throws Exception {
        String job = "GET /api/jobs/a%0d%0aSet-Cookie:%20x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), open.uri().getPort())) {
            socket.getOutputStream().write(job.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer.substring(0, answer.indexOf("\r\n\r\n"))).doesNotContain("Set-Cookie");
        }
        HttpResponse<String> answer = get(open, "/api/jobs?text=a%0d%0aX-Evil:1");
        assertThat(answer.headers().firstValue("X-Evil")).isEmpty();
        assertThat(answer.headers().firstValue("Server")).isEmpty();
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }

    @Test
    void isNotReachedByOthersWithoutAKey() {
        assertThatThrownBy(() -> new ServerOptions(
                        "0.0.0.0",
                        0,
                        List.of(),
                        false,
                        Set.of(),
                        Set.of(),
                        java.util.Optional.empty(),
                        Limits.DEFAULT,
                        java.time.Duration.ZERO,
                        false,
                        java.util.Optional.empty(),
                        Set.of(),
                        java.util.Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("key");
        assertThatThrownBy(() -> ServerOptions.LOCAL.withKeys(List.of("short")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ServerOptions.LOCAL.withKeys(List.of(KEY)).withPriorities(Set.of("key-2")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("key-2")
                .hasMessageContaining("key-1 to key-1");
        assertThatThrownBy(() -> ServerOptions.LOCAL.withPriorities(Set.of("key-1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the server has no keys");
        assertThat(URI.create(open.uri().toString()).getHost()).isEqualTo("127.0.0.1");
    }

    /** Sends bytes as they are, and returns the whole answer. */
    private static String answer(Server server, String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /api/..;/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /api/jobs HTTP/1.1\r\nConnection: close\r\n\r\n",
                "GET /\u00ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            })
    void answersWhatIsNoHttpInItsForm(String request) throws Exception {
        String answer = answer(open, request);
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).startsWith("{\"error\":{\"code\":\"http_error\"");
    }

    @Test
    void answersHeadersThatAreTooLargeInTheFormOfTheirApi() throws Exception {
        String answer = answer(
                open,
                "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000)
                        + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 431 ");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).startsWith("{\"error\":{\"message\":");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page/../metrics",
                "/page/%2e%2e/metrics",
                "/page/..%2fmetrics",
                "/page//../metrics",
                "/page/..;/metrics",
                "/healthz/../metrics",
                "//metrics",
                "/metrics/",
                "/metrics;a=b",
                "/%6detrics",
                "/page/../api/jobs",
                "/favicon.ico/../api/jobs",
            })
    void noWayRoundLeadsPastTheKey(String path) throws Exception {
        for (String method : List.of("GET", "POST", "FOO")) {
            String answer =
                    answer(locked, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(method).containsPattern("^HTTP/1.1 40[01345] ");
            assertThat(answer).doesNotContain("jvm_").doesNotContain("\"jobs\"");
        }
        assertThat(raw(locked, "HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .endsWith("401");
    }

    @Test
    void socketsAreOpenedByItsOwnPagesWithAKeyAndWithoutSessions() throws Exception {
        String request = String.join(
                "\r\n",
                "GET /ws HTTP/1.1",
                "Host: %s",
                "%sUpgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
                "",
                "");
        assertThat(raw(open, request.formatted("localhost", "Origin: https://evil.example\r\n")))
                .endsWith("403");
        assertThat(raw(open, request.formatted("localhost", "Origin: null\r\n")))
                .endsWith("403");
        assertThat(raw(open, request.formatted("evil.example", ""))).endsWith("403");
        assertThat(raw(locked, request.formatted("localhost", ""))).endsWith("401");
        assertThat(raw(locked, request.formatted("localhost", "X-API-Key: " + KEY + "\r\n")))
                .endsWith("101");
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), open.uri().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.formatted("localhost", "").getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder headers = new StringBuilder();
            while (headers.indexOf("\r\n\r\n") < 0) {
                headers.append((char) socket.getInputStream().read());
            }
            assertThat(headers.toString()).startsWith("HTTP/1.1 101").doesNotContain("Set-Cookie");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/images/edits", "/v1/images/variations", "/upload/image", "/upload/mask"})
    void refusesDamagedForms(String path) throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            many.append("--x\r\nContent-Disposition: form-data; name=\"a")
                    .append(i)
                    .append("\"\r\n\r\nv\r\n");
        }
        for (String body : List.of("x", "--x\r\n\r\n", "--x--\r\n", many + "--x--\r\n")) {
            HttpResponse<String> answer = post(path, body, "Content-Type", "multipart/form-data; boundary=x");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).startsWith("{\"error\":").doesNotContain("Exception");
        }
        HttpResponse<String> answer = post(path, "x", "Content-Type", "multipart/form-data");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    }

    @Test
    void refusesWhatOneBodyHasTooManyOf() throws Exception {
        JsonObject nodes = new JsonObject();
        nodes.add("a".repeat(65), new JsonObject());
        JsonObject graph = new JsonObject();
        graph.add("prompt", nodes);
        HttpResponse<String> answer = post("/prompt", graph.toString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("id is too long");
        HttpResponse<String> model = post("/api/generate", "{\"model\": \"" + "x".repeat(100_000) + "\"}");
        assertThat(model.statusCode()).isEqualTo(404);
        assertThat(model.body().length()).isLessThan(1000);
        assertThat(post("/api/jobs", "{\"prompt\": ").body()).doesNotContain("Exception");
    }

    /** The status line of whichever is answered first. */
    private static String firstAnswer(List<Socket> sockets) throws Exception {
        for (int i = 0; i < 1000; i++) {
            for (Socket socket : sockets) {
                if (socket.getInputStream().available() > 0) {
                    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
                }
            }
            Thread.sleep(20);
        }
        return "none";
    }

    @Test
    void holdsNoMoreBodiesThanItMay() throws Exception {
        String head = "POST /api/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                Socket socket =
                        new Socket(InetAddress.getLoopbackAddress(), open.uri().getPort());
                sockets.add(socket);
                socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().write(new byte[900_000]);
                socket.getOutputStream().flush();
            }
            assertThat(firstAnswer(sockets)).endsWith(" 503");
            assertThat(post("/api/jobs", "{\"prompt\": 1}").statusCode()).isEqualTo(400);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        int status = 503;
        for (int i = 0; i < 100 && status == 503; i++) {
            Thread.sleep(50); // until the server sees that they are closed
            status = post("/api/uploads", "x".repeat(900_000)).statusCode();
        }
        assertThat(status).isEqualTo(400);
    }

    @Test
    void saysItsErrorsAsJson() throws Exception {
        JsonObject error = com.google.gson.JsonParser.parseString(
                        post("/api/jobs", "{\"prompt\": \"a\", \"model\": \"none\"}")
                                .body())
                .getAsJsonObject()
                .getAsJsonObject("error");
        assertThat(error.get("code").getAsString()).isEqualTo("model_not_found");
        assertThat(error.get("field").getAsString()).isEqualTo("model");
        assertThat(error.get("message").getAsString()).contains("embedded");
    }
}
