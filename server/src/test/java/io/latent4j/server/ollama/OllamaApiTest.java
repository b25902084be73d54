package io.latent4j.server.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.RunningServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class OllamaApiTest {
    @RegisterExtension
    private final RunningServer server = new RunningServer();

    private HttpResponse<String> get(String path) throws Exception {
        return server.send(server.to(path));
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return server.post(path, body);
    }

    private static JsonObject json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    private static List<JsonObject> lines(HttpResponse<String> response) {
        return response.body()
                .lines()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    private static BufferedImage image(JsonObject answer) throws IOException {
        byte[] png = Base64.getDecoder().decode(answer.get("image").getAsString());
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    private static String error(HttpResponse<String> response) {
        return JsonParser.parseString(response.body())
                .getAsJsonObject()
                .get("error")
                .getAsString();
    }

    @Test
    void tellsStepsAndThenTheImage() throws Exception {
        HttpResponse<String> response = post("/api/generate", """
            {"model": "embedded:latest", "prompt": "a red circle", "width": 64, "height": 64, "steps": 3,
             "options": {"seed": 7, "temperature": 1}, "keep_alive": "5m"}\
            """);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/x-ndjson"));
        List<JsonObject> lines = lines(response);
        JsonObject step = lines.get(0);
        assertThat(step.get("total").getAsInt()).isEqualTo(3);
        assertThat(step.get("completed").getAsInt()).isBetween(1, 3);
        assertThat(step.get("done").getAsBoolean()).isFalse();
        JsonObject last = lines.get(lines.size() - 1);
        assertThat(last.get("done").getAsBoolean()).isTrue();
        assertThat(last.get("done_reason").getAsString()).isEqualTo("stop");
        assertThat(last.get("model").getAsString()).isEqualTo("embedded:latest");
        assertThat(last.get("total_duration").getAsLong()).isPositive();
        assertThat(image(last).getWidth()).isEqualTo(64);
        JsonObject ours = last.getAsJsonObject("latent4j");
        assertThat(ours.get("seed").getAsString()).isEqualTo("7");
        assertThat(ours.getAsJsonArray("warnings").asList())
                .map(warning -> warning.getAsString())
                .anyMatch(warning -> warning.startsWith("keep_alive is ignored"))
                .anyMatch(warning -> warning.startsWith("options.temperature is ignored"));
    }

    @Test
    void answersOnceWithoutAStream() throws Exception {
        JsonObject answer = json(post("/api/generate", """
            {"model": "embedded", "prompt": "a", "stream": false, "width": 0, "height": 0, "steps": 1,
             "latent4j": {"negative_prompt": "blue"}}\
            """));
        assertThat(image(answer).getHeight()).isEqualTo(64);
        assertThat(answer.getAsJsonObject("latent4j").get("parameters").getAsString())
                .contains("Negative prompt: blue");
    }

    @Test
    void startsFromAnImage() throws Exception {
        String png = Base64.getEncoder()
                .encodeToString(PngFile.bytes(new BufferedImage(64, 128, BufferedImage.TYPE_INT_RGB), Map.of()));
        JsonObject answer = json(post(
                "/api/generate",
                "{\"prompt\": \"a\", \"stream\": false, \"steps\": 2, \"images\": [\"" + png + "\"]}"));
        assertThat(image(answer).getHeight()).isEqualTo(128);
        assertThat(post("/api/generate", "{\"prompt\": \"a\", \"images\": [\"" + png + "\", \"" + png + "\"]}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void answersAtOnceWhereOnlyLoadingIsAskedFor() throws Exception {
        JsonObject answer = json(post("/api/generate", "{\"model\": \"embedded\"}"));
        assertThat(answer.get("done_reason").getAsString()).isEqualTo("load");
    }

    @Test
    void refusesInOllamasForm() throws Exception {
        HttpResponse<String> missing = post("/api/generate", "{\"model\": \"llama3\", \"prompt\": \"a\"}");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(error(missing)).startsWith("model 'llama3' not found");
        assertThat(error(post("/api/generate", "{\"prompt\": \"a\", \"options\": {\"seed\": \"x\"}}")))
                .contains("options.seed");
        assertThat(error(post("/api/chat", "{}"))).contains("nothing at this address");
        assertThat(lines(post("/api/generate", "{\"prompt\": \"a\", \"width\": 63}")))
                .singleElement()
                .satisfies(line -> assertThat(line.get("error").getAsString()).contains("63"));
    }

    @Test
    void listsModels() throws Exception {
        JsonObject listed =
                json(get("/api/tags")).getAsJsonArray("models").get(0).getAsJsonObject();
        assertThat(listed.get("name").getAsString()).isEqualTo("embedded:latest");
        assertThat(listed.get("digest").getAsString()).hasSize(64);
        assertThat(json(get("/api/ps")).getAsJsonArray("models")).isEmpty();
        JsonObject shown = json(post("/api/show", "{\"model\": \"embedded:latest\"}"));
        assertThat(shown.getAsJsonArray("capabilities").get(0).getAsString()).isEqualTo("image");
        assertThat(shown.getAsJsonObject("model_info").get("diffusion.width").getAsInt())
                .isEqualTo(64);
        assertThat(json(get("/api/ps")).getAsJsonArray("models")).hasSize(1);
        assertThat(json(get("/api/version")).get("version").getAsString()).matches("[0-9]+[.][0-9]+[.][0-9]+");
    }
}
