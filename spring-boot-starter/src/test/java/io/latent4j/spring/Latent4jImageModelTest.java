package io.latent4j.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Placement;
import io.latent4j.service.JobFailedException;
import io.latent4j.service.JobRunner;
import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.ModelRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.content.Media;
import org.springframework.ai.image.ImageGeneration;
import org.springframework.ai.image.ImageMessage;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImageOptions;
import org.springframework.ai.image.ImageOptionsBuilder;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.ai.image.observation.ImageModelObservationContext;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

class Latent4jImageModelTest {
    private static final Latent4jImageOptions QUICK =
            Latent4jImageOptions.builder().steps(2).seed(7L).build();

    private ModelRegistry registry;
    private JobTurns jobs;

    @BeforeEach
    void open() {
        registry = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32)).addModel("broken", () -> {
            throw new IOException("the disk is gone");
        });
        jobs = new JobTurns(new JobRunner(registry), 0, Duration.ofMinutes(1));
    }

    @AfterEach
    void close() {
        jobs.close();
        registry.close();
    }

    private Latent4jImageModel model() {
        return Latent4jImageModel.builder(jobs)
                .options(QUICK)
                .models(Set.of("broken"))
                .build();
    }

    private static byte[] png(ImageGeneration generation) {
        return Base64.getDecoder()
                .decode(Objects.requireNonNull(generation.getOutput().getB64Json()));
    }

    @Test
    void makesImagesAndSaysHow() throws IOException {
        ImageOptions portable = ImageOptionsBuilder.builder().n(2).build();

        ImageResponse response = model().call(new ImagePrompt("a red circle", portable));

        assertThat(response.getResults()).hasSize(2);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png(response.getResult())));
        assertThat(image.getWidth()).isEqualTo(64);
        assertThat(response.getResults())
                .extracting(generation -> ((Latent4jImageGenerationMetadata) generation.getMetadata()).seed())
                .containsExactly(7L, 8L);
        assertThat(((Latent4jImageGenerationMetadata) response.getResult().getMetadata()).parameters())
                .startsWith("a red circle")
                .contains("Steps: 2")
                .contains("Seed: 7");
        assertThat(response.getMetadata().<String>get(Latent4jImageModel.MODEL)).isEqualTo("shapes");
        assertThat(response.getMetadata().<List<String>>get(Latent4jImageModel.WARNINGS))
                .isEmpty();
    }

    @Test
    void theSamePromptIsTheSameImage() {
        ImageModel model = model();

        byte[] first = png(model.call(new ImagePrompt("a red circle")).getResult());

        assertThat(png(model.call(new ImagePrompt("a red circle")).getResult())).isEqualTo(first);
        assertThat(png(model.call(new ImagePrompt(
                                "a red circle",
                                Latent4jImageOptions.builder().seed(8L).build()))
                        .getResult()))
                .isNotEqualTo(first);
    }

    @Test
    void startsFromAnImageThatAMessageCarries() {
        byte[] first = png(model().call(new ImagePrompt("a red circle")).getResult());
        Media media = new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(first));

        ImageResponse response = model().call(new ImagePrompt(
                new ImageMessage("a blue circle", 1f, List.of(media), Map.of()),
                Latent4jImageOptions.builder().strength(0.5).build()));

        assertThat(png(response.getResult())).isNotEqualTo(first);
        assertThat(((Latent4jImageGenerationMetadata) response.getResult().getMetadata()).parameters())
                .contains("Denoising strength: 0.5");
    }

    @Test
    void warnsOfAStyle() {
        ImageResponse response = model().call(new ImagePrompt(
                "a red circle", ImageOptionsBuilder.builder().style("vivid").build()));

        assertThat(response.getMetadata().<List<String>>get(Latent4jImageModel.WARNINGS))
                .containsExactly("the style \"vivid\" has no effect; say it in the prompt");
    }

    private static void assertRefused(Latent4jImageModel model, Latent4jImageOptions options, String message) {
        assertThatExceptionOfType(NonTransientAiException.class)
                .isThrownBy(() -> model.call(new ImagePrompt("a red circle", options)))
                .withMessageContaining(message)
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsWrongIsNotTriedAgain() {
        assertRefused(model(), Latent4jImageOptions.builder().steps(0).build(), "steps is 0");
        assertRefused(model(), Latent4jImageOptions.builder().width(65).build(), "65");
        assertRefused(
                model(), Latent4jImageOptions.builder().responseFormat("url").build(), "response format is \"url\"");
    }

    @Test
    void refusesNamesThatItWasNotGiven() {
        assertRefused(
                model(),
                Latent4jImageOptions.builder().model("/etc/passwd").build(),
                "there is no model \"/etc/passwd\"; expected one of broken, embedded");
        assertRefused(
                model(),
                Latent4jImageOptions.builder()
                        .adapters(Map.of("/etc/passwd", 1.0))
                        .build(),
                "there is no adapter \"/etc/passwd\"; expected one of none");
    }

    @Test
    void workThatFailsIsAnotherError() {
        assertThatExceptionOfType(JobFailedException.class)
                .isThrownBy(() -> model().call(new ImagePrompt(
                        "a red circle",
                        Latent4jImageOptions.builder().model("broken").build())))
                .withMessageContaining("the disk is gone")
                .withCauseInstanceOf(IOException.class);
    }

    @Test
    void anInterruptEndsIt() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> model().call(new ImagePrompt("a red circle")));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void refusesPromptsWhenItsJobsAreClosed() {
        jobs.close();
        assertThatIllegalStateException().isThrownBy(() -> model().call(new ImagePrompt("a red circle")));
    }

    /** Writes down what was observed. */
    private static final class Observations implements ObservationHandler<ImageModelObservationContext> {
        private final List<String> seen = new ArrayList<>();

        @Override
        public void onStop(ImageModelObservationContext context) {
            ImageResponse response = context.getResponse();
            seen.add(context.getOperationMetadata().provider() + " "
                    + context.getLowCardinalityKeyValue("gen_ai.request.model").getValue() + " "
                    + (response == null ? "without" : response.getResults().size()));
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return context instanceof ImageModelObservationContext;
        }
    }

    @Test
    void isObserved() {
        Observations seen = new Observations();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(seen);
        Latent4jImageModel model = Latent4jImageModel.builder(jobs)
                .options(QUICK)
                .observationRegistry(observations)
                .build();

        model.call(new ImagePrompt("a red circle"));
        assertRefused(model, Latent4jImageOptions.builder().steps(0).build(), "steps is 0");

        assertThat(seen.seen).containsExactly("latent4j embedded 1", "latent4j embedded without");
    }

    @Test
    void tooManyPromptsMayBeTriedAgain() throws Exception {
        ModelRegistry slow = new ModelRegistry(new Placement(Device.cpu(), DataType.FLOAT32));
        List<Throwable> refusals = new ArrayList<>();
        try (slow;
                JobTurns turns = new JobTurns(new JobRunner(slow), 0, Duration.ofMinutes(1))) {
            slow.addModel("asking", () -> {
                Thread other = new Thread(() -> {
                    try {
                        Latent4jImageModel.builder(turns).build().call(new ImagePrompt("a star"));
                    } catch (TransientAiException e) {
                        refusals.add(e);
                    }
                });
                other.start();
                try {
                    other.join();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                throw new IOException("asked");
            });
            Latent4jImageModel model =
                    Latent4jImageModel.builder(turns).models(Set.of("asking")).build();
            assertThatExceptionOfType(JobFailedException.class)
                    .isThrownBy(() -> model.call(new ImagePrompt(
                            "a star",
                            Latent4jImageOptions.builder().model("asking").build())));
        }

        assertThat(refusals)
                .singleElement()
                .satisfies(refusal ->
                        assertThat(refusal).hasMessage("a job runs and 0 more wait, as many as may; try again later"));
    }
}
