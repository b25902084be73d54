package io.latent4j.training.data.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptSamplerTest {
    private static final List<String> PROMPTS =
            List.of("a red circle on a white background", "a big blue star on a gray background");

    private static Components parts;

    @BeforeAll
    static void load() throws IOException {
        parts = Components.embedded(Device.cpu(), DataType.FLOAT32);
    }

    @AfterAll
    static void close() {
        parts.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {3, 1})
    void makesTheImagesOfThePipeline(double guidanceScale) {
        AtomicInteger steps = new AtomicInteger();

        List<BufferedImage> images = sampler(3, guidanceScale).images(PROMPTS, 5, steps::incrementAndGet);

        assertThat(steps).hasValue(3);
        assertThat(images).hasSize(2);
        for (int i = 0; i < 2; i++) {
            BufferedImage alone = new TextToImagePipeline(parts)
                    .generate(new GenerationRequest(PROMPTS.get(i))
                            .withSeed(5 + i)
                            .withSteps(3)
                            .withGuidanceScale(guidanceScale))
                    .image();
            assertThat(largestDifference(images.get(i), alone)).isLessThanOrEqualTo(1);
        }
    }

    /** Such a model's network reads latents scaled by their noise. */
    @Test
    void asksTheNetworkAsThePipelineDoes() {
        JsonObject json = new JsonObject();
        json.addProperty("_class_name", "EDMEulerScheduler");
        Components edm = parts.withScheduler(SchedulerConfig.from(json, "scheduler_config.json"));
        GenerationRequest request =
                new GenerationRequest(PROMPTS.get(0)).withSeed(0).withSteps(3);

        List<BufferedImage> images = new PromptSampler(edm, request).images(PROMPTS, 0, () -> {});

        BufferedImage alone = new TextToImagePipeline(edm).generate(request).image();
        assertThat(largestDifference(images.get(0), alone)).isLessThanOrEqualTo(1);
    }

    @Test
    void leavesNoArraysBehind() {
        PromptSampler sampler = sampler(1, 2);
        sampler.images(PROMPTS, 0, () -> {});
        int before = parts.manager().getManagedArrays().size();

        sampler.images(PROMPTS, 0, () -> {});

        assertThat(parts.manager().getManagedArrays()).hasSize(before);
    }

    @Test
    void stopsWhenInterrupted() {
        PromptSampler sampler = sampler(4, 2);
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> sampler.images(PROMPTS, 0, () -> {})).isInstanceOf(CancellationException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void refusesGuidanceThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler(4, Double.NaN))
                .withMessageContaining("guidance scale is NaN");
        assertThatIllegalArgumentException().isThrownBy(() -> sampler(1001, 3));
    }

    private static PromptSampler sampler(int steps, double guidanceScale) {
        return new PromptSampler(
                parts, new GenerationRequest("").withSeed(0).withSteps(steps).withGuidanceScale(guidanceScale));
    }

    private static int largestDifference(BufferedImage one, BufferedImage other) {
        int largest = 0;
        for (int y = 0; y < one.getHeight(); y++) {
            for (int x = 0; x < one.getWidth(); x++) {
                for (int shift = 0; shift < 24; shift += 8) {
                    int a = (one.getRGB(x, y) >> shift) & 255;
                    int b = (other.getRGB(x, y) >> shift) & 255;
                    largest = Math.max(largest, Math.abs(a - b));
                }
            }
        }
        return largest;
    }
}
