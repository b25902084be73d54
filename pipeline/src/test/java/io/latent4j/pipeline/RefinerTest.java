package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(EmbeddedParts.class)
class RefinerTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withSteps(10);
    private static Components parts;
    private static TextToImagePipeline pipeline;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
    }

    @Test
    void aModelThatRefinesItselfMakesTheImageItMakesAlone() {
        GenerationRequest request =
                REQUEST.withScheduler("euler a").withCount(2).withBatchSize(2);
        List<String> steps = new ArrayList<>();
        BufferedImage together = pipeline.withRefiner(parts, 0.6)
                .generate(request, event -> steps.add(event.step() + " of " + event.steps()))
                .images()
                .get(1);
        assertThat(Differences.largest(
                        together, pipeline.generate(request).images().get(1)))
                .isLessThanOrEqualTo(1);
        assertThat(steps).hasSize(10).startsWith("1 of 10").endsWith("10 of 10").doesNotHaveDuplicates();
    }

    @Test
    void halfTheWayIsNotTheImage() {
        BufferedImage whole = pipeline.generate(REQUEST).image();
        BufferedImage half =
                pipeline.generate(REQUEST.withRange(new DenoisingRange(0, 0.5))).image();
        assertThat(Differences.mean(half, whole)).isGreaterThan(10);
    }

    @Test
    void keepsToTheMaskAllTheWay() {
        BufferedImage image = pipeline.generate(REQUEST.withSeed(9)).image();
        GenerationRequest request =
                REQUEST.withScheduler("euler").withImage(image).withMask(InpaintingTest.mask(64, 64, 16, 16, 32, 32));
        assertThat(Differences.largest(
                        pipeline.withRefiner(parts, 0.6).generate(request).image(),
                        pipeline.generate(request).image()))
                .isLessThanOrEqualTo(1);
    }

    @Test
    void startsWhereTheFirstModelEndsOrIsRefused() {
        Components other = parts.withScheduler(parts.scheduler().withSetting("timestep_spacing", "leading"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.withRefiner(other, 0.6).generate(REQUEST))
                .withMessageContaining("begins at timestep")
                .withMessageContaining("expected one schedule for both: the same scheduler and settings");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> pipeline.withRefiner(parts, 0.6).generate(REQUEST.withRange(new DenoisingRange(0, 0.5))))
                .withMessage("the request has a denoising range, and the pipeline a refiner; expected one of them");
    }

    @Test
    void theParametersNameIt() {
        assertThat(pipeline.withRefiner(parts, 0.6)
                        .generate(REQUEST)
                        .results()
                        .get(0)
                        .parameters())
                .contains(", Refiner: " + parts.name() + ", Refiner switch at: 0.6, Version");
    }

    /** The strength leaves out more than the stretch. */
    @Test
    void aImageInAStretchStartsAtTheLaterOfBoth() {
        GenerationRequest request = new GenerationRequest("[a red circle on a white background|a blue square]")
                .withSeed(0)
                .withPromptSyntax(PromptSyntax.WEIGHTED)
                .withScheduler("euler")
                .withSteps(10)
                .withImage(pipeline.generate(REQUEST).image())
                .withStrength(0.5);
        assertThat(Differences.largest(
                        pipeline.generate(request.withRange(new DenoisingRange(0.1, 1)))
                                .image(),
                        pipeline.generate(request).image()))
                .isZero();
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        TextToImagePipeline refined = pipeline.withRefiner(parts, 0.5);
        refined.generate(REQUEST);
        ManagedArrays.staysTheSame(parts, () -> {
            refined.generate(REQUEST);
        });
    }

    @Test
    void refusesAStretchOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DenoisingRange(0.8, 0.8))
                .withMessage(
                        "the denoising range is 0.8 to 0.8; expected a start of 0 or more, below an end of at most 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withSteps(2).withRange(new DenoisingRange(0.6, 0.61))))
                .withMessageContaining("the denoising range 0.6 to 0.61 has no step");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withRange(new DenoisingRange(0.5, 1))))
                .withMessageContaining("to start at 0.5 of the way, but from nothing");
    }
}
