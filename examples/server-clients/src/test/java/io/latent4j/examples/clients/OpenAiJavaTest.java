package io.latent4j.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.images.ImageCreateVariationParams;
import com.openai.models.images.ImageEditParams;
import com.openai.models.images.ImageEditStreamEvent;
import com.openai.models.images.ImageGenStreamEvent;
import com.openai.models.images.ImageGenerateParams;
import com.openai.models.images.ImagesResponse;
import com.openai.models.models.Model;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's library for Java. Variations are deprecated there, as its newer models have none. */
@SuppressWarnings("deprecation")
final class OpenAiJavaTest {
    private static final int BLUE = 0xff0000ff;
    private static final int CLEAR = 0;

    @TempDir
    private Path data;

    private RunningServer server;
    private OpenAIClient client;

    @BeforeEach
    void start() {
        server = new RunningServer(data);
        client = client(server, RunningServer.KEY);
    }

    private static OpenAIClient client(RunningServer server, String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.uri() + "v1")
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static ImageGenerateParams.Builder request(int steps) {
        return ImageGenerateParams.builder()
                .model("embedded")
                .prompt("a red circle")
                .size("64x64")
                .putAdditionalBodyProperty("latent4j", JsonValue.from(Map.of("steps", steps, "seed", 7)));
    }

    @Test
    void generates() {
        ImagesResponse response = client.images()
                .generate(request(2)
                        .n(2)
                        .outputFormat(ImageGenerateParams.OutputFormat.JPEG)
                        .build());
        response.validate();
        assertThat(response.data().orElseThrow())
                .hasSize(2)
                .allSatisfy(
                        image -> assertThat(RunningServer.image(image.b64Json().orElseThrow())
                                        .getWidth())
                                .isEqualTo(64));
        assertThat(response.usage().orElseThrow().totalTokens()).isZero();
        Map<String, JsonValue> ours = response.data()
                .orElseThrow()
                .get(0)
                ._additionalProperties()
                .get("latent4j")
                .convert(new TypeReference<Map<String, JsonValue>>() {});
        assertThat(ours.get("seed").convert(String.class)).isEqualTo("7");
    }

    @Test
    void streams() {
        List<ImageGenStreamEvent> events;
        try (StreamResponse<ImageGenStreamEvent> stream =
                client.images().generateStreaming(request(4).partialImages(2).build())) {
            events = stream.stream().toList();
        }
        assertThat(events.get(0).asGenerationPartialImage().partialImageIndex()).isZero();
        assertThat(RunningServer.image(events.get(events.size() - 1)
                                .asGenerationCompleted()
                                .validate()
                                .b64Json())
                        .getWidth())
                .isEqualTo(64);
    }

    @Test
    void edits() {
        BufferedImage image = RunningServer.image(client.images()
                .edit(repainting())
                .data()
                .orElseThrow()
                .get(0)
                .b64Json()
                .orElseThrow());
        assertThat(image.getRGB(60, 30)).isEqualTo(BLUE);
        assertThat(image.getRGB(10, 30)).isNotEqualTo(BLUE);
        try (StreamResponse<ImageEditStreamEvent> stream = client.images().editStreaming(repainting())) {
            assertThat(stream.stream().toList())
                    .singleElement()
                    .satisfies(event -> assertThat(event.isCompleted()).isTrue());
        }
    }

    /** Its left half is repainted; the library reads the images once only. */
    private static ImageEditParams repainting() {
        return ImageEditParams.builder()
                .image(RunningServer.png(BLUE, BLUE))
                .mask(RunningServer.png(CLEAR, BLUE))
                .prompt("a red circle")
                .putAdditionalBodyProperty("latent4j", JsonValue.from(Map.of("steps", 2)))
                .build();
    }

    @Test
    void varies() {
        ImagesResponse response = client.images()
                .createVariation(ImageCreateVariationParams.builder()
                        .image(RunningServer.png(BLUE, BLUE))
                        .responseFormat(ImageCreateVariationParams.ResponseFormat.URL)
                        .build());
        assertThat(response.data().orElseThrow().get(0).url().orElseThrow()).startsWith(server.uri() + "api/images/");
    }

    @Test
    void listsModels() {
        assertThat(client.models().list().data()).map(Model::id).contains("embedded");
        assertThat(client.models().retrieve("embedded").ownedBy()).isEqualTo("latent4j");
        assertThatThrownBy(() -> client.models().retrieve("someone/model")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void tellsErrors() {
        assertThatThrownBy(() -> client.images().generate(request(2).size("big").build()))
                .isInstanceOfSatisfying(BadRequestException.class, e -> {
                    assertThat(e.param()).hasValue("size");
                    assertThat(e.code()).hasValue("invalid_request");
                    assertThat(e.getMessage()).contains("WIDTHxHEIGHT");
                });
        assertThatThrownBy(() ->
                        client.images().generate(request(2).model("dall-e-3").build()))
                .isInstanceOfSatisfying(
                        NotFoundException.class, e -> assertThat(e.code()).hasValue("model_not_found"));
        assertThatThrownBy(() -> {
                    try (StreamResponse<ImageGenStreamEvent> stream = client.images()
                            .generateStreaming(request(2).size("63x64").build())) {
                        stream.stream().toList();
                    }
                })
                .isInstanceOf(SseException.class);
        OpenAIClient other = client(server, "another-key-than-theirs");
        assertThatThrownBy(() -> other.models().list()).isInstanceOf(UnauthorizedException.class);
        other.close();
    }

    @Test
    void tellsThatTooManyWait() {
        server.close();
        server = new RunningServer(data, List.of(RunningServer.KEY), 1);
        OpenAIClient crowd = client(server, RunningServer.KEY);
        List<CompletableFuture<ImagesResponse>> all = Stream.generate(
                        () -> crowd.async().images().generate(request(20).build()))
                .limit(6)
                .toList();
        List<Throwable> refused = all.stream()
                .map(one -> one.handle((response, error) -> Optional.ofNullable(error))
                        .join())
                .flatMap(Optional::stream)
                .map(error -> error instanceof CompletionException ? error.getCause() : error)
                .toList();
        crowd.close();
        assertThat(refused)
                .isNotEmpty()
                .hasSizeLessThan(6)
                .allSatisfy(error -> assertThat(error)
                        .isInstanceOfSatisfying(
                                RateLimitException.class,
                                e -> assertThat(e.headers().values("Retry-After"))
                                        .isNotEmpty()));
    }
}
