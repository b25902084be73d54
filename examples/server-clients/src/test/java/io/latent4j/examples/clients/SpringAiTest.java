package io.latent4j.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.ai.openai.OpenAiImageModel;
import org.springframework.ai.openai.OpenAiImageOptions;

/** The image model of Spring AI for OpenAI. */
final class SpringAiTest {
    @TempDir
    private Path data;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = new RunningServer(data);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private OpenAiImageModel model(String name, String format) {
        OpenAiImageOptions.Builder options =
                OpenAiImageOptions.builder().n(2).size("64x64").quality("low").responseFormat(format);
        options.baseUrl(server.uri() + "v1")
                .apiKey(RunningServer.KEY)
                .model(name)
                .maxRetries(0);
        return OpenAiImageModel.builder().options(options.build()).build();
    }

    @Test
    void makesImages() {
        ImageResponse response = model("embedded", "b64_json").call(new ImagePrompt("a red circle"));
        assertThat(response.getResults())
                .hasSize(2)
                .allSatisfy(
                        made -> assertThat(RunningServer.image(made.getOutput().getB64Json())
                                        .getWidth())
                                .isEqualTo(64));
    }

    @Test
    void isToldWhereImagesAre() throws IOException, InterruptedException {
        ImageResponse response = model("embedded", "url").call(new ImagePrompt("a red circle"));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(response.getResult().getOutput().getUrl()))
                .header("Authorization", "Bearer " + RunningServer.KEY)
                .build();
        byte[] png = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofByteArray())
                .body();
        assertThat(RunningServer.image(png).getHeight()).isEqualTo(64);
    }

    @Test
    void isToldOfModelsThatAreNotThere() {
        assertThatThrownBy(() -> model("dall-e-3", "url").call(new ImagePrompt("a red circle")))
                .hasStackTraceContaining("there is no model dall-e-3");
    }
}
