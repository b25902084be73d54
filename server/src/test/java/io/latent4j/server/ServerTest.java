package io.latent4j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ServerTest {
    @RegisterExtension
    private final RunningServer server = new RunningServer();

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return server.send(request);
    }

    private HttpRequest.Builder to(String path) {
        return server.to(path);
    }

    private static HttpRequest.BodyPublisher body(String text) {
        return HttpRequest.BodyPublishers.ofString(text);
    }

    @Test
    void makesAnImageAndTellsItsEvents() throws Exception {
        HttpResponse<String> accepted = send(
                to("/api/jobs").POST(body("{\"prompt\": \"a red circle\", \"steps\": 3, \"seed\": 7, \"count\": 2}")));
        assertThat(accepted.statusCode()).isEqualTo(202);
        String id = JsonParser.parseString(accepted.body())
                .getAsJsonObject()
                .get("id")
                .getAsString();
        List<String> events = send(to("/api/jobs/" + id + "/events"))
                .body()
                .lines()
                .filter(line -> line.startsWith("event: "))
                .toList();
        assertThat(events).endsWith("event: ended").contains("event: step");
        assertThat(events.stream().filter(e -> e.equals("event: image"))).hasSize(2);
        JsonObject job =
                JsonParser.parseString(send(to("/api/jobs/" + id)).body()).getAsJsonObject();
        assertThat(job.get("state").getAsString()).isEqualTo("done");
        String url =
                job.getAsJsonArray("images").get(1).getAsJsonObject().get("url").getAsString();
        byte[] png = server.http()
                .send(to(url).build(), HttpResponse.BodyHandlers.ofByteArray())
                .body();
        assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isEqualTo(64);
    }

    @Test
    void answersAnImageAtOnce() throws Exception {
        HttpResponse<byte[]> answer = server.http()
                .send(
                        to("/api/image")
                                .POST(body("{\"prompt\": \"a red circle\", \"steps\": 3, \"seed\": 7}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Seed")).contains("7");
        assertThat(ImageIO.read(new ByteArrayInputStream(answer.body())).getWidth())
                .isEqualTo(64);
        assertThat(send(to("/api/image").POST(body("{\"prompt\": \"a\", \"count\": 2}")))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void tellsWhatIsWrong() throws Exception {
        HttpResponse<String> wrong = send(to("/api/jobs").POST(body("{\"prompt\": \"a\", \"stepz\": 3}")));
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("stepz").contains("invalid_request");
        assertThat(send(to("/api/jobs/none")).statusCode()).isEqualTo(404);
        assertThat(send(to("/nothing")).body()).contains("not_found");
        assertThat(send(to("/healthz")).body()).isEqualTo("ok");
        assertThat(URI.create(server.uri().toString()).getPort()).isPositive();
    }
}
