package io.latent4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.api.Told;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The warnings of a job in the answers of all forms, without folders: here of a learned word that has a folder in its name. */
final class WarningsTest {
    private static final String WORD = "/home/ann/my words/toy";
    private static final String WARNING = "the learned word toy has no effect: its file cannot be read";
    private static final String PROMPT = "\"a red " + WORD + " here\"";

    @RegisterExtension
    private final RunningServer server = new RunningServer();

    @BeforeEach
    void list() throws Exception {
        Path file = Files.writeString(Files.createDirectories(server.folder()).resolve("toy.pt"), "no weights");
        server.registry().addWord(WORD, file);
    }

    private static void assertWarned(JsonElement warnings) {
        JsonArray list = warnings.getAsJsonArray();
        assertThat(list.asList().stream().map(JsonElement::getAsString)).containsOnlyOnce(WARNING);
        assertThat(list.toString()).doesNotContain("/home", "my words");
    }

    private static List<JsonObject> lines(String text, String prefix) {
        return text.lines()
                .filter(line -> line.startsWith(prefix))
                .map(line ->
                        JsonParser.parseString(line.substring(prefix.length())).getAsJsonObject())
                .toList();
    }

    @Test
    void areInTheAnswersOfAllForms() throws Exception {
        JsonObject webUi = server.made("/sdapi/v1/txt2img", "{\"prompt\": " + PROMPT + ", \"steps\": 1}");
        assertWarned(webUi.get("warnings"));
        assertWarned(JsonParser.parseString(webUi.get("info").getAsString())
                .getAsJsonObject()
                .get("warnings"));

        String openAi = "{\"prompt\": " + PROMPT + ", \"latent4j\": {\"steps\": 1}%s}";
        assertWarned(server.made("/v1/images/generations", openAi.formatted(""))
                .getAsJsonObject("latent4j")
                .get("warnings"));
        String stream = server.post("/v1/images/generations", openAi.formatted(", \"stream\": true"))
                .body();
        List<JsonObject> events = lines(stream, "data: ");
        assertWarned(events.get(events.size() - 1).getAsJsonObject("latent4j").get("warnings"));

        String ollama = server.post("/api/generate", "{\"prompt\": " + PROMPT + ", \"steps\": 1}")
                .body();
        List<JsonObject> parts = lines(ollama, "");
        assertWarned(parts.get(parts.size() - 1).getAsJsonObject("latent4j").get("warnings"));
    }

    @Test
    void areInTheHistoryOfGraphs() throws Exception {
        String id =
                server.made("/prompt", """
                    {"prompt": {
                     "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 1, "cfg": 7, "sampler_name": "euler",
                           "scheduler": "normal", "denoise": 1, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0],
                           "latent_image": ["5", 0]}},
                     "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "embedded"}},
                     "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
                     "6": {"class_type": "CLIPTextEncode", "inputs": {"text": %s, "clip": ["4", 1]}},
                     "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
                     "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
                     "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["8", 0]}}}}
                    """.formatted(PROMPT)).get("prompt_id").getAsString();
        server.send(server.to("/api/jobs/" + id + "/events")); // until its end
        assertWarned(server.get("/history/" + id)
                .getAsJsonObject()
                .getAsJsonObject(id)
                .get("warnings"));
    }

    @Test
    void areInTheOwnFormsJobsAndEvents() throws Exception {
        String id = JsonParser.parseString(server.post("/api/jobs", "{\"prompt\": " + PROMPT + ", \"steps\": 1}")
                        .body())
                .getAsJsonObject()
                .get("id")
                .getAsString();
        String events = server.send(server.to("/api/jobs/" + id + "/events")).body();
        List<String> warnings = lines(events, "data: ").stream()
                .filter(event -> event.has("warning"))
                .map(event -> event.get("warning").getAsString())
                .toList();
        assertThat(warnings).containsExactly(WARNING);
        assertWarned(server.get("/api/jobs/" + id).getAsJsonObject().get("warnings"));
        HttpResponse<String> image = server.post("/api/image", "{\"prompt\": " + PROMPT + ", \"steps\": 1}");
        assertWarned(JsonParser.parseString(
                image.headers().firstValue("Latent4j-Warnings").orElseThrow()));
        assertThat(Told.warnings(server.store().find(id).orElseThrow())).containsExactly(WARNING);
    }
}
