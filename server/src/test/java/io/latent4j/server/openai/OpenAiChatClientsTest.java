package io.latent4j.server.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.RunningServer;
import io.latent4j.server.ServerOptions;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What chat clients send to OpenAI's images, with the fields and headers that their sources have and values of this test; and of
 * each answer, what they read. They have OpenAI's names of models, for which the operator's model stands.
 */
final class OpenAiChatClientsTest {
    private static final String KEY = "a-key-of-this-test";

    @RegisterExtension
    private final RunningServer server =
            new RunningServer(ServerOptions.LOCAL.withKeys(List.of(KEY)).withModel("embedded"));

    private HttpRequest.Builder to(String path) {
        return server.to(path).header("Authorization", "Bearer " + KEY);
    }

    private JsonArray generated(String query, String body) throws IOException, InterruptedException {
        return data(server.send(to("/v1/images/generations" + query)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))));
    }

    private static JsonArray data(HttpResponse<String> answer) {
        return RunningServer.json(answer).getAsJsonObject().getAsJsonArray("data");
    }

    private static BufferedImage image(JsonElement image) throws IOException {
        String text = image.getAsJsonObject().get("b64_json").getAsString();
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(text)));
    }

    @Test
    void answersOpenWebUi() throws Exception {
        String body = """
            {"model": "%s", "prompt": "a red circle", "n": 2, "size": "%s"%s}
            """;
        JsonArray first = generated(
                "", body.formatted("dall-e-2", "64x64", ", \"response_format\": \"b64_json\", \"quality\": \"low\""));
        assertThat(first).hasSize(2);
        assertThat(image(first.get(0)).getWidth()).isEqualTo(64);
        JsonArray second = generated("?api-version=2025-04-01", body.formatted("gpt-image-1", "auto", ""));
        assertThat(image(second.get(1)).getWidth()).isEqualTo(64);
    }

    /** Where an answer has an address, Open WebUI fetches it with the key that it has, and wants it to be an image. */
    @Test
    void letsOpenWebUiFetchAnImage() throws Exception {
        JsonObject made = generated(
                        "", "{\"model\": \"embedded\", \"prompt\": \"a\", \"n\": 1, \"response_format\": \"url\"}")
                .get(0)
                .getAsJsonObject();
        HttpResponse<byte[]> fetched = server.http()
                .send(
                        HttpRequest.newBuilder(URI.create(made.get("url").getAsString()))
                                .header("Authorization", "Bearer " + KEY)
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(fetched.headers().firstValue("Content-Type")).contains("image/png");
        assertThat(fetched.body()).startsWith(0x89, 'P', 'N', 'G');
    }

    /** The name of a file comes with one image, and the same in brackets with a list of one. */
    @Test
    void editsForOpenWebUi() throws Exception {
        for (String field : List.of("image", "image[]")) {
            JsonArray made = edited(
                    field,
                    Map.of(
                            "model",
                            "",
                            "prompt",
                            "a red circle",
                            "n",
                            "1",
                            "size",
                            "64x64",
                            "response_format",
                            "b64_json"),
                    "\r\nContent-Type: text/plain; charset=utf-8");
            assertThat(image(made.get(0)).getWidth()).isEqualTo(64);
        }
    }

    private JsonArray edited(String field, Map<String, String> fields, String type)
            throws IOException, InterruptedException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        for (Map.Entry<String, String> each : fields.entrySet()) {
            form.writeBytes(utf8("--line\r\nContent-Disposition: form-data; name=\"" + each.getKey() + "\"" + type
                    + "\r\n\r\n" + each.getValue() + "\r\n"));
        }
        form.writeBytes(utf8("--line\r\nContent-Disposition: form-data; name=\"" + field
                + "\"; filename=\"6f9619ff-8b86-d011-b42d-00cf4fc964ff.png\"\r\nContent-Type: image/png\r\n\r\n"));
        form.writeBytes(PngFile.bytes(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), Map.of()));
        form.writeBytes(utf8("\r\n--line--\r\n"));
        return data(server.send(to("/v1/images/edits")
                .header("Content-Type", "multipart/form-data; boundary=line")
                .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void answersLibreChat() throws Exception {
        JsonArray made = generated("", """
            {"model": "gpt-image-1", "prompt": "a red circle", "n": 1, "background": "auto", "output_format": "webp",
             "output_compression": 100, "quality": "auto", "size": "auto"}
            """);
        byte[] webp = Base64.getDecoder()
                .decode(made.get(0).getAsJsonObject().get("b64_json").getAsString());
        assertThat(new String(webp, 8, 4, StandardCharsets.US_ASCII)).isEqualTo("WEBP");
        JsonArray edited = edited(
                "image[]",
                Map.of("model", "gpt-image-1", "prompt", "a red circle", "quality", "auto", "size", "auto"),
                "");
        assertThat(image(edited.get(0)).getWidth()).isEqualTo(64);
    }

    /** For the older model LibreChat, as most others, asks for no form and reads an address, of which it takes the ending. */
    @Test
    void answersAnAddressForOpenAisOlderModels() throws Exception {
        JsonObject made = generated("", """
            {"model": "dall-e-3", "quality": "standard", "style": "vivid", "size": "64x64", "prompt": "a red circle",
             "n": 1}
            """).get(0).getAsJsonObject();
        assertThat(made.get("url").getAsString()).endsWith(".png");
        assertThat(made.has("b64_json")).isFalse();
        HttpResponse<String> stream = server.send(to("/v1/images/generations")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\": \"dall-e-3\", \"prompt\": \"a\", \"stream\": true}")));
        assertThat(stream.body()).contains("b64_json");
    }
}
