package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.image.Images;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(EmbeddedParts.class)
class UpscaleTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withSteps(4)
            .withSeed(5);
    private static final Upscale HALF_AGAIN = new Upscale(1.5);
    private static Components parts;
    private static TextToImagePipeline pipeline;
    private static BufferedImage small;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
        small = pipeline.generate(REQUEST).image();
    }

    @ParameterizedTest
    @EnumSource
    void isTheImageLargerTheMoreSoTheLessItMayChange(Upscaler by) {
        BufferedImage resized = Images.resized(small, 96, 96);
        BufferedImage little = made(HALF_AGAIN.by(by).withStrength(0.25));
        BufferedImage much = made(HALF_AGAIN.by(by).withStrength(1));
        assertThat(little.getWidth()).isEqualTo(96);
        assertThat(little.getHeight()).isEqualTo(96);
        assertThat(Differences.mean(little, resized)).isLessThan(Differences.mean(much, resized));
    }

    @Test
    void ofPixelsItIsImageToImage() {
        GenerationRequest upscaled = REQUEST.withUpscale(HALF_AGAIN.withSteps(6));
        GenerationRequest byHand =
                REQUEST.withImage(small).withSize(96, 96).withStrength(0.5).withSteps(6);
        NoiseSource mode = NDArray::zerosLike;
        assertThat(latents(upscaled, new TorchRandom(5), new TorchRandom(8)))
                .isEqualTo(latents(byHand, mode, new TorchRandom(8)));
    }

    /** The latents of a request, each of whose draws is the first of the next of {@code draws}. */
    private static float[] latents(GenerationRequest request, NoiseSource... draws) {
        Iterator<NoiseSource> next = List.of(draws).iterator();
        try (NDManager manager = parts.manager().newSubManager()) {
            return pipeline.latents(manager, request, like -> next.next().like(like), Progress.NONE)
                    .toFloatArray();
        }
    }

    @Test
    void countsTheStepsOfBothRuns() {
        List<String> steps = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        pipeline.generate(REQUEST.withUpscale(HALF_AGAIN.withSteps(6)), event -> {
            steps.add(event.step() + " of " + event.steps());
            widths.add((int) event.latents().getShape().get(3));
            assertThat(event.preview().get().get(0).getWidth()).isEqualTo(4 * widths.get(widths.size() - 1));
        });
        assertThat(steps).containsExactly("1 of 7", "2 of 7", "3 of 7", "4 of 7", "5 of 7", "6 of 7", "7 of 7");
        assertThat(widths).containsExactly(16, 16, 16, 16, 24, 24, 24);
    }

    @Test
    void endsWithinOneStepOfTheSecondRunWhenCancelled() throws Exception {
        List<Integer> steps = new ArrayList<>();
        ManagedArrays.staysTheSame(parts, () -> {
            Progress progress = new CancelAfter(5, steps);
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> pipeline.generate(REQUEST.withUpscale(HALF_AGAIN), progress));
            assertThat(steps).containsExactly(1, 2, 3, 4, 5);
        });
    }

    @Test
    void makesTheSameImagesTogetherAndOneByOne() {
        GenerationRequest request = REQUEST.withUpscale(HALF_AGAIN).withScheduler("euler a");
        List<BufferedImage> together =
                pipeline.generate(request.withCount(2).withBatchSize(2)).images();
        assertThat(Differences.largest(
                        together.get(1), pipeline.generate(request.withSeed(6)).image()))
                .isLessThanOrEqualTo(1);
    }

    @Test
    void goesTogetherWithControl(@TempDir Path folder) throws IOException {
        try (ControlNet net = parts.controlNet(ControlNetFolder.write(folder.resolve("net")))) {
            ControlInput control = new ControlInput("net", InpaintingTest.mask(64, 64, 10, 20, 30, 20)).withScale(5);
            BufferedImage steered = pipeline.withControlNets(net)
                    .generate(REQUEST.withControls(List.of(control)).withUpscale(HALF_AGAIN))
                    .image();
            assertThat(Differences.mean(steered, made(HALF_AGAIN))).isGreaterThan(1);
        }
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        made(HALF_AGAIN);
        ManagedArrays.staysTheSame(parts, () -> {
            made(HALF_AGAIN);
            made(HALF_AGAIN.by(Upscaler.LATENTS_BICUBIC));
        });
    }

    @Test
    void recordsBothRuns() {
        Upscale upscale = HALF_AGAIN.withStrength(0.5).withSteps(2).by(Upscaler.LATENTS_BILINEAR);
        assertThat(pipeline.generate(REQUEST.withUpscale(upscale))
                        .results()
                        .get(0)
                        .parameters())
                .contains("Steps: 4,", "Size: 64x64,")
                .contains("Hires upscale: 1.5, Hires steps: 2, Hires upscaler: Latent, Denoising strength: 0.5,");
    }

    @Test
    void refusesWhatContradictsItself() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Upscale(1))
                .withMessage("the upscale factor is 1.0; expected above 1, and at most 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> made(new Upscale(1.01)))
                .withMessage("the upscaled width is 64; expected above 64, and at most 16384");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> made(HALF_AGAIN.withStrength(0.1)))
                .withMessage("strength 0.1 of 4 steps is less than a step; expected at least 0.25, or more steps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withImage(small).withUpscale(HALF_AGAIN)))
                .withMessageContaining("there is an image to start from, and upscaling; expected one of them");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.withRefiner(parts, 0.5).generate(REQUEST.withUpscale(HALF_AGAIN)))
                .withMessage("upscaling starts from a finished image; expected the whole denoising range, and no"
                        + " refiner");
    }

    private static BufferedImage made(Upscale upscale) {
        return pipeline.generate(REQUEST.withUpscale(upscale)).image();
    }
}
