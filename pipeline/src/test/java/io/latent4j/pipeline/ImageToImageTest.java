package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(EmbeddedParts.class)
class ImageToImageTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withSteps(8);
    private static Components parts;
    private static TextToImagePipeline pipeline;
    private static BufferedImage image;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
        image = pipeline.generate(new GenerationRequest("a blue square on a white background")
                        .withSeed(3)
                        .withSteps(12))
                .image();
    }

    @Test
    void staysTheNearerTheImageTheFewerStepsItTakes() {
        GenerationRequest request =
                REQUEST.withPrompt("a big blue circle on a white background").withImage(image);
        double little = Differences.mean(
                image, pipeline.generate(request.withStrength(0.25)).image());
        double much = Differences.mean(
                image, pipeline.generate(request.withStrength(1)).image());
        assertThat(little).isLessThan(much / 2);
    }

    @ParameterizedTest
    @CsvSource({"euler, 0.5, 4", "euler, 0.99, 7", "heun, 0.5, 4", "dpm++2m, 1, 8", "ddim, 0.3, 2"})
    void takesItsShareOfTheSteps(String scheduler, double strength, int expected) {
        List<Integer> steps = new ArrayList<>();
        pipeline.generate(REQUEST.withScheduler(scheduler).withImage(image).withStrength(strength), event -> {
            assertThat(event.steps()).isEqualTo(expected);
            steps.add(event.step());
        });
        assertThat(steps).hasSize(expected).endsWith(expected);
    }

    @Test
    void makesTheSameImagesTogetherAndOneByOne() {
        GenerationRequest request = REQUEST.withImage(image).withStrength(0.7).withScheduler("euler a");
        List<BufferedImage> together =
                pipeline.generate(request.withCount(2).withBatchSize(2)).images();
        assertThat(Differences.largest(
                        together.get(1), pipeline.generate(request.withSeed(1)).image()))
                .isLessThanOrEqualTo(1);
    }

    @Test
    void takesTheSizeOfTheImageWhereNoneIsAskedFor() {
        BufferedImage odd = new BufferedImage(83, 61, BufferedImage.TYPE_INT_RGB);
        Generation generation = pipeline.generate(REQUEST.withImage(odd).withSteps(2));
        assertThat(generation.image().getWidth()).isEqualTo(80);
        assertThat(generation.image().getHeight()).isEqualTo(60);
        assertThat(generation.warnings()).containsExactly("the image is 83x61 and is scaled to 80x60");
    }

    @Test
    void recordsTheStrength() {
        Generation generation =
                pipeline.generate(REQUEST.withImage(image).withStrength(0.25).withSize(32, 64));
        assertThat(generation.results().get(0).parameters()).contains("Size: 32x64", "Denoising strength: 0.25");
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        pipeline.generate(REQUEST.withImage(image));
        ManagedArrays.staysTheSame(parts, () -> {
            pipeline.generate(REQUEST.withImage(image).withStrength(0.5));
        });
    }

    @Test
    void refusesWhatContradictsItself() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withImage(image).withStrength(0.1)))
                .withMessage("strength 0.1 of 8 steps is less than a step; expected at least 0.125, or more steps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> REQUEST.withStrength(0.5))
                .withMessage("strength is 0.5, but there is no image to start from; expected one before it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> REQUEST.withImage(image).withStrength(1.1))
                .withMessage("strength is 1.1; expected above 0, and at most 1");
    }
}
