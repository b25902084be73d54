package io.latent4j.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.image.ImageDecoder;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.RunningServer;
import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.server.api.Limits;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.store.JobQuery;
import io.latent4j.service.store.MemoryJobStore;
import io.latent4j.service.store.QueueBounds;
import io.latent4j.service.store.StoredJob;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class OpenAiApiTest {
    private static final String KEY = "a-key-of-this-test";

    @RegisterExtension
    private final RunningServer server = new RunningServer(ServerOptions.LOCAL, everyPreview());

    private static QueueOptions everyPreview() {
        QueueOptions usual = QueueOptions.DEFAULT;
        return new QueueOptions(
                usual.bounds(),
                usual.workers(),
                usual.beat(),
                usual.silence(),
                Duration.ZERO,
                usual.keepFor(),
                usual.keep());
    }

    private HttpRequest.Builder to(String path) {
        return server.to(path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return server.send(request);
    }

    private HttpResponse<String> generate(String body) throws IOException, InterruptedException {
        return send(to("/v1/images/generations").POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private JsonObject done(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    private static JsonObject image(JsonObject answer, int index) {
        return answer.getAsJsonArray("data").get(index).getAsJsonObject();
    }

    private static byte[] bytes(JsonObject image) {
        return Base64.getDecoder().decode(image.get("b64_json").getAsString());
    }

    private static JsonObject error(HttpResponse<String> response) {
        return JsonParser.parseString(response.body()).getAsJsonObject().getAsJsonObject("error");
    }

    private StoredJob newest() {
        return server.store().list(JobQuery.NEWEST).get(0);
    }

    @Test
    void makesImagesWithTheirSeedsAndSettings() throws Exception {
        JsonObject answer = done(generate("""
            {"model": "embedded", "prompt": "a red circle", "n": 2, "size": "64x64", "style": "vivid", "extra": 1,
             "latent4j": {"steps": 2, "seed": 18446744073709551615, "guidance_scale": 3.5,
                          "negative_prompt": "blue"}}\
            """));
        assertThat(answer.getAsJsonArray("data")).hasSize(2);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes(image(answer, 0))));
        assertThat(image.getWidth()).isEqualTo(64);
        JsonObject made = image(answer, 0).getAsJsonObject("latent4j");
        assertThat(made.get("seed").getAsString()).isEqualTo("18446744073709551615");
        assertThat(made.get("parameters").getAsString())
                .contains("Negative prompt: blue")
                .contains("CFG scale: 3.5")
                .contains("Steps: 2");
        assertThat(answer.getAsJsonObject("latent4j").getAsJsonArray("warnings").asList())
                .map(warning -> warning.getAsString())
                .anyMatch(warning -> warning.startsWith("style is ignored"))
                .anyMatch(warning -> warning.startsWith("extra is ignored"));
        assertThat(answer.get("size").getAsString()).isEqualTo("64x64");
        assertThat(answer.get("created").getAsLong()).isPositive();
    }

    @Test
    void tellsWhereAnImageIs() throws Exception {
        JsonObject answer = done(generate("""
            {"prompt": "a red circle", "response_format": "url", "output_format": "jpeg", "output_compression": 50,
             "latent4j": {"steps": 1}}\
            """));
        String url = image(answer, 0).get("url").getAsString();
        assertThat(url).startsWith(server.uri() + "api/images/").endsWith(".jpeg?quality=50");
        byte[] jpeg = server.http()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofByteArray())
                .body();
        assertThat(jpeg).startsWith(0xff, 0xd8, 0xff);
    }

    @Test
    void writesJpegsOfTheQualityAskedFor() throws Exception {
        String request = """
            {"prompt": "a red circle", "output_format": "jpeg", "output_compression": %d,
             "latent4j": {"steps": 1, "seed": 1}}\
            """;
        byte[] small = bytes(image(done(generate(request.formatted(10))), 0));
        byte[] large = bytes(image(done(generate(request.formatted(95))), 0));
        assertThat(small).startsWith(0xff, 0xd8, 0xff).hasSizeLessThan(large.length);
    }

    @Test
    void writesWebPs() throws Exception {
        String request = """
            {"prompt": "a red circle", "output_format": "webp", "output_compression": %d,
             "latent4j": {"steps": 1, "seed": 1}}\
            """;
        byte[] small = bytes(image(done(generate(request.formatted(10))), 0));
        byte[] large = bytes(image(done(generate(request.formatted(95))), 0));
        assertThat(new String(small, 8, 4, StandardCharsets.US_ASCII)).isEqualTo("WEBP");
        assertThat(small).hasSizeLessThan(large.length);
        Path file = Files.write(server.folder().resolve("image.webp"), large);
        assertThat(ImageDecoder.decode(file).getWidth()).isEqualTo(64);
    }

    @Test
    void takesAShareOfTheModelsStepsAsQuality() throws Exception {
        int usual = steps("{\"prompt\": \"a\", \"quality\": \"auto\", \"size\": \"auto\"}");
        assertThat(steps("{\"prompt\": \"a\", \"quality\": \"low\"}")).isEqualTo((usual + 1) / 2);
        assertThat(steps("{\"prompt\": \"a\", \"quality\": \"hd\", \"latent4j\": {\"steps\": 3}}"))
                .isEqualTo(3);
    }

    private int steps(String body) throws Exception {
        String parameters = image(done(generate(body)), 0)
                .getAsJsonObject("latent4j")
                .get("parameters")
                .getAsString();
        return Integer.parseInt(parameters.replaceAll("(?s).*Steps: ([0-9]+).*", "$1"));
    }

    @Test
    void streamsUnfinishedAndFinishedImages() throws Exception {
        HttpResponse<String> response = generate("""
            {"prompt": "a red circle", "stream": true, "partial_images": 2, "n": 2, "latent4j": {"steps": 4}}\
            """);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        List<JsonObject> events = events(response.body());
        assertThat(events)
                .map(event -> event.get("type").getAsString())
                .contains("image_generation.partial_image")
                .endsWith("image_generation.completed")
                .filteredOn("image_generation.completed"::equals)
                .hasSize(2);
        assertThat(response.body().lines()).contains("event: image_generation.completed");
        assertThat(events.get(0).get("partial_image_index").getAsInt()).isZero();
        JsonObject last = events.get(events.size() - 1);
        assertThat(ImageIO.read(new ByteArrayInputStream(bytes(last))).getWidth())
                .isEqualTo(64);
        assertThat(last.getAsJsonObject("usage").get("total_tokens").getAsInt()).isZero();
        assertThat(last.getAsJsonObject("latent4j").get("index").getAsInt()).isEqualTo(1);
    }

    private static List<JsonObject> events(String body) {
        return body.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> JsonParser.parseString(line.substring("data: ".length()))
                        .getAsJsonObject())
                .toList();
    }

    @Test
    void endsAStreamWithWhatWentWrong() throws Exception {
        List<JsonObject> events = events(generate("{\"prompt\": \"a\", \"stream\": true, \"size\": \"63x64\"}")
                .body());
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.get("type").getAsString()).isEqualTo("error");
            assertThat(event.getAsJsonObject("error").get("message").getAsString())
                    .contains("63");
        });
    }

    @Test
    void refusesInOpenAisForm() throws Exception {
        assertRefused("{\"prompt\": \"a\", \"n\": 0}", 400, "n", "expected a whole number, 1 to");
        assertRefused("{\"prompt\": \"a\", \"n\": 1e9}", 400, "n", "1E+9", "1e9");
        assertRefused("{\"n\": 1}", 400, "prompt", "there is no prompt");
        assertRefused("{\"prompt\": \"a\", \"size\": \"big\"}", 400, "size", "WIDTHxHEIGHT");
        assertRefused("{\"prompt\": \"a\", \"quality\": \"best\"}", 400, "quality", "one of auto, low");
        assertRefused("{\"prompt\": \"a\", \"background\": \"transparent\"}", 400, "background", "opaque");
        assertRefused("{\"prompt\": \"a\", \"latent4j\": {\"prompt\": \"b\"}}", 400, "latent4j.prompt", "own field");
        assertRefused("{\"prompt\": \"a\", \"size\": \"63x64\"}", 400, "", "63");
        assertRefused("{\"prompt\": \"a\", \"latent4j\": {\"stepz\": 3}}", 400, "", "stepz");
        assertRefused("{\"prompt\": \"a\", \"model\": \"gpt-image-1\"}", 404, "model", "no model gpt-image-1");
        assertRefused(
                "{\"prompt\": \"a\", \"latent4j\": {\"source\": {\"image\": \"/etc/hosts\"}}}", 400, "", "upload");
        assertThat(error(generate("{\"prompt\": \"a\", \"model\": \"dall-e-3\"}"))
                        .get("code")
                        .getAsString())
                .isEqualTo("model_not_found");
    }

    private void assertRefused(String body, int status, String param, String... words) throws Exception {
        HttpResponse<String> response = generate(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonObject error = error(response);
        assertThat(error.get("message").getAsString()).containsAnyOf(words);
        assertThat(error.get("type").getAsString()).isEqualTo("invalid_request_error");
        if (!param.isEmpty()) {
            assertThat(error.get("param").getAsString()).isEqualTo(param);
        }
    }

    @Test
    void takesTheOperatorsModelForOpenAisOwn() throws Exception {
        server.restart(ServerOptions.LOCAL.withModel("embedded"));
        JsonObject answer =
                done(generate("{\"prompt\": \"a\", \"model\": \"dall-e-2\", \"latent4j\": {\"steps\": 1}}"));
        assertThat(answer.getAsJsonObject("latent4j")
                        .getAsJsonArray("warnings")
                        .get(0)
                        .getAsString())
                .isEqualTo("the model is embedded, as dall-e-2 is not here");
        assertThat(generate("{\"prompt\": \"a\", \"model\": \"another\"}").statusCode())
                .isEqualTo(404);
    }

    @Test
    void wantsAKeyInOpenAisForm() throws Exception {
        server.restart(ServerOptions.LOCAL.withKeys(List.of(KEY)));
        HttpResponse<String> refused = send(to("/v1/models"));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(error(refused).get("code").getAsString()).isEqualTo("invalid_api_key");
        JsonObject models = done(send(to("/v1/models").header("Authorization", "Bearer " + KEY)));
        assertThat(models.getAsJsonArray("data")
                        .get(0)
                        .getAsJsonObject()
                        .get("id")
                        .getAsString())
                .isEqualTo("embedded");
    }

    @Test
    void tellsOneModel() throws Exception {
        assertThat(done(send(to("/v1/models/embedded"))).get("object").getAsString())
                .isEqualTo("model");
        HttpResponse<String> none = send(to("/v1/models/a/b"));
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(error(none).get("message").getAsString()).contains("a/b");
    }

    @Test
    void tellsItsPublicAddressAndNotWhatAProxySays() throws Exception {
        server.restart(ServerOptions.LOCAL.withPublicUrl(URI.create("https://images.example.com/here/")));
        HttpResponse<String> answer = server.send(server.to("/v1/images/generations")
                .header("X-Forwarded-Proto", "https")
                .header("X-Forwarded-Host", "evil.example")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"prompt\": \"a\", \"response_format\": \"url\", \"latent4j\": {\"steps\": 1}}")));
        assertThat(image(done(answer), 0).get("url").getAsString())
                .startsWith("https://images.example.com/here/api/images/");
    }

    @Test
    void keepsTheUserBesideTheClient() throws Exception {
        done(generate("{\"prompt\": \"a\", \"user\": \"ann\", \"latent4j\": {\"steps\": 1}}"));
        assertThat(newest().client()).isEqualTo("127.0.0.1");
        assertThat(newest().label()).isEqualTo("ann");
        JsonObject told = done(send(to("/api/jobs/" + newest().id())));
        assertThat(told.get("label").getAsString()).isEqualTo("ann");
    }

    @Test
    void boundsAClientHoweverManyUsersItNames() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        server.registry().addModel("held", () -> {
            opened.countDown();
            Uninterruptibles.awaitUninterruptibly(end);
            throw new IOException("it is not opened");
        });
        QueueOptions oneEach = QueueOptions.DEFAULT.withBounds(new QueueBounds(10, 1));
        try (Server other = Server.start(
                ServerOptions.LOCAL.withPort(0),
                server.registry(),
                new MemoryJobStore(),
                oneEach,
                server.folder().resolve("other"))) {
            URI url = other.uri().resolve("/api/jobs");
            HttpRequest held = HttpRequest.newBuilder(url)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"a\", \"model\": \"held\"}"))
                    .build();
            assertThat(server.http()
                            .send(held, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(202);
            opened.await(); // it runs, and what comes now waits
            assertThat(server.http()
                            .send(held, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(202);
            for (String user : List.of("ann", "ben")) {
                HttpRequest request = HttpRequest.newBuilder(url.resolve("/v1/images/generations"))
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"prompt\": \"a\", \"model\": \"held\", \"user\": \"" + user + "\"}"))
                        .build();
                HttpResponse<String> answer = server.http().send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(429);
            }
            end.countDown();
        }
    }

    @Test
    void repaintsWhatAMaskLeavesTransparent() throws Exception {
        byte[] blue = png(0xff0000ff, 0xff0000ff);
        byte[] mask = png(0x00000000, 0xff000000); // its left half is transparent
        JsonObject answer = done(
                edit(Map.of("image", blue, "mask", mask), Map.of("prompt", "a red circle", "latent4j[steps]", "2")));
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes(image(answer, 0))));
        assertThat(image.getRGB(60, 30)).isEqualTo(0xff0000ff);
        assertThat(image.getRGB(10, 30)).isNotEqualTo(0xff0000ff);
    }

    @Test
    void repaintsWhatTheImageLeavesTransparentWithoutAMask() throws Exception {
        byte[] half = png(0x00000000, 0xff0000ff);
        JsonObject answer = done(edit(Map.of("image[]", half), Map.of("prompt", "a", "latent4j", "{\"steps\": 2}")));
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes(image(answer, 0))));
        assertThat(image.getRGB(60, 30)).isEqualTo(0xff0000ff);
    }

    @Test
    void variesAnImage() throws Exception {
        byte[] blue = png(0xff0000ff, 0xff0000ff);
        JsonObject answer = done(form(
                "/v1/images/variations",
                Map.of("image", blue),
                Map.of("n", "2", "latent4j", "{\"steps\": 4, \"source\": {\"strength\": 0.25}}")));
        assertThat(answer.getAsJsonArray("data")).hasSize(2);
        assertThat(newest().spec().source().orElseThrow().strength()).hasValue(0.25);
    }

    @Test
    void refusesEditsItCannotMake() throws Exception {
        byte[] blue = png(0xff0000ff, 0xff0000ff);
        assertThat(error(edit(Map.of(), Map.of("prompt", "a"))).get("param").getAsString())
                .isEqualTo("image");
        assertThat(error(edit(Map.of("image", blue, "image[]", blue), Map.of("prompt", "a")))
                        .get("message")
                        .getAsString())
                .contains("2 files");
        assertThat(error(edit(Map.of("image", blue, "mask", blue), Map.of("prompt", "a")))
                        .get("message")
                        .getAsString())
                .contains("the mask is opaque");
        assertThat(error(edit(Map.of("image", new byte[] {1, 2}), Map.of("prompt", "a")))
                        .get("param")
                        .getAsString())
                .isEqualTo("image");
        HttpResponse<String> damaged = send(to("/v1/images/edits")
                .header("Content-Type", "multipart/form-data; boundary=border")
                .POST(HttpRequest.BodyPublishers.ofString("--border\r\nContent-Disposition: form-data; name=a")));
        assertThat(damaged.statusCode()).isEqualTo(400);
        assertThat(error(damaged).get("message").getAsString()).startsWith("the form cannot be read");
        HttpResponse<String> json = send(to("/v1/images/edits").POST(HttpRequest.BodyPublishers.ofString("{}")));
        assertThat(json.statusCode()).isEqualTo(415);
    }

    @Test
    void refusesFormsThatAreTooLarge() throws Exception {
        Limits usual = Limits.DEFAULT;
        server.restart(ServerOptions.LOCAL.withLimits(new Limits(
                20_000,
                usual.imagePixels(),
                usual.pixels(),
                usual.steps(),
                usual.images(),
                usual.work(),
                usual.promptLetters(),
                usual.uploadBytes())));
        HttpResponse<String> response = edit(Map.of("image", new byte[40_000]), Map.of("prompt", "a"));
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(error(response).get("type").getAsString()).isEqualTo("invalid_request_error");
        assertThat(edit(Map.of("image", png(0xff0000ff, 0xff0000ff)), Map.of("prompt", "a", "size", "4096x4096"))
                        .body())
                .contains("\"param\":\"size\"");
    }

    @Test
    void cancelsWhatNobodyWaitsFor() throws Exception {
        HttpResponse<Stream<String>> stream = server.http()
                .send(
                        to("/v1/images/generations")
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        "{\"prompt\": \"a\", \"stream\": true, \"partial_images\": 3, \"n\": 10,"
                                                + " \"latent4j\": {\"steps\": 100}}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = stream.body()) {
            assertThat(lines.findFirst()).isPresent();
        }
        String events = send(to("/api/jobs/" + newest().id() + "/events")).body();
        assertThat(events).contains("event: ended").contains("\"state\":\"cancelled\"");
    }

    private static byte[] png(int left, int right) {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                image.setRGB(x, y, x < 32 ? left : right);
            }
        }
        return PngFile.bytes(image, Map.of());
    }

    private HttpResponse<String> edit(Map<String, byte[]> files, Map<String, String> fields) throws Exception {
        return form("/v1/images/edits", files, fields);
    }

    private HttpResponse<String> form(String path, Map<String, byte[]> files, Map<String, String> fields)
            throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Map.Entry<String, String> field : fields.entrySet()) {
            out.writeBytes(part("\"" + field.getKey() + "\""));
            out.writeBytes(field.getValue().getBytes(StandardCharsets.UTF_8));
            out.writeBytes(ascii("\r\n"));
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            out.writeBytes(part("\"" + file.getKey() + "\"; filename=\"image.png\""));
            out.writeBytes(file.getValue());
            out.writeBytes(ascii("\r\n"));
        }
        out.writeBytes(ascii("--border--\r\n"));
        return send(to(path).header("Content-Type", "multipart/form-data; boundary=border")
                .POST(HttpRequest.BodyPublishers.ofByteArray(out.toByteArray())));
    }

    private static byte[] part(String name) {
        return ascii("--border\r\nContent-Disposition: form-data; name=" + name + "\r\n\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void answersManyAtOnce() throws Exception {
        List<Integer> statuses = Stream.generate(() -> server.http()
                        .sendAsync(
                                to("/v1/images/generations")
                                        .POST(HttpRequest.BodyPublishers.ofString(
                                                "{\"prompt\": \"a\", \"latent4j\": {\"steps\": 1}}"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString()))
                .limit(24)
                .toList()
                .stream()
                .map(future -> future.join())
                .peek(response -> {
                    if (response.statusCode() == 429) {
                        assertThat(response.headers().firstValueAsLong("Retry-After"))
                                .isPresent();
                        assertThat(error(response).get("type").getAsString()).isEqualTo("rate_limit_error");
                    }
                })
                .map(HttpResponse::statusCode)
                .toList();
        assertThat(statuses).contains(200).containsOnly(200, 429);
    }
}
