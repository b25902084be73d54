package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(EmbeddedParts.class)
class TextToImagePipelineTest {
    private static final GenerationRequest REQUEST = new GenerationRequest(
                    "a red circle above a blue square on a white background")
            .withSeed(0)
            .withSteps(4);
    private static Components parts;
    private static TextToImagePipeline pipeline;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
    }

    @Test
    void makesTheSameImagesTogetherAndOneByOne() {
        List<BufferedImage> together = pipeline.generate(
                        REQUEST.withSeed(7).withCount(3).withBatchSize(3))
                .images();
        List<BufferedImage> byTwo = pipeline.generate(
                        REQUEST.withSeed(7).withCount(3).withBatchSize(2))
                .images();
        for (int i = 0; i < 3; i++) {
            BufferedImage alone = pipeline.generate(REQUEST.withSeed(7 + i)).image();
            assertThat(Differences.largest(together.get(i), alone)).isLessThanOrEqualTo(1);
            assertThat(Differences.largest(byTwo.get(i), alone)).isLessThanOrEqualTo(1);
        }
        assertThat(Differences.largest(together.get(0), together.get(1))).isGreaterThan(50);
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        pipeline.generate(REQUEST);
        ManagedArrays.staysTheSame(parts, () -> {
            pipeline.generate(REQUEST.withSteps(20).withGuidanceRescale(0.5));
            pipeline.generate(
                    REQUEST.withScheduler("dpm++2m").withSteps(20),
                    event -> assertThat(event.preview().get()).hasSize(1));
        });
    }

    @Test
    void concurrentRequestsDoNotMeet() throws Exception {
        BufferedImage first = pipeline.generate(REQUEST.withSeed(1)).image();
        BufferedImage second =
                pipeline.generate(REQUEST.withSeed(2).withScheduler("euler a")).image();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Generation> one = threads.submit(() -> pipeline.generate(REQUEST.withSeed(1)));
            Future<Generation> two =
                    threads.submit(() -> pipeline.generate(REQUEST.withSeed(2).withScheduler("euler a")));
            assertThat(Differences.largest(one.get().image(), first)).isLessThanOrEqualTo(1);
            assertThat(Differences.largest(two.get().image(), second)).isLessThanOrEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void guidanceOfOneIsTheConditionalPredictionAlone() {
        GenerationRequest request = REQUEST.withGuidanceScale(1).withNegativePrompt("a green star");

        Generation generation = pipeline.generate(request);

        assertThat(Differences.largest(
                        generation.image(),
                        pipeline.generate(REQUEST.withGuidanceScale(1)).image()))
                .isZero();
        assertThat(generation.warnings()).singleElement().asString().contains("negative prompt has no effect");
    }

    @Test
    void tellsOfEveryStep() {
        List<Integer> steps = new ArrayList<>();
        List<BufferedImage> previews = new ArrayList<>();
        Generation generation = pipeline.generate(REQUEST, event -> {
            steps.add(event.step());
            assertThat(event.steps()).isEqualTo(4);
            previews.addAll(event.preview().get());
        });
        assertThat(steps).containsExactly(1, 2, 3, 4);
        assertThat(previews).hasSize(4);
        assertThat(Differences.largest(previews.get(3), generation.image())).isLessThanOrEqualTo(1);
    }

    @Test
    void endsWithinOneStepWhenCancelled() throws Exception {
        List<Integer> steps = new ArrayList<>();
        ManagedArrays.staysTheSame(parts, () -> {
            Progress progress = new Progress() {
                @Override
                public void onStep(StepEvent event) {
                    steps.add(event.step());
                }

                @Override
                public boolean cancelled() {
                    return steps.size() == 2;
                }
            };
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> pipeline.generate(REQUEST.withSteps(50), progress));
            assertThat(steps).containsExactly(1, 2);
        });
    }

    @Test
    void isNotDecodedWhenCancelledAfterItsLastStep() {
        List<Integer> steps = new ArrayList<>();
        Progress progress = new CancelAfter(4, steps);
        assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> pipeline.generate(REQUEST, progress));
        assertThat(steps).containsExactly(1, 2, 3, 4);
    }

    @Test
    void latentsAreAllThatTheCallerGets() {
        GenerationRequest request = REQUEST.withUpscale(new Upscale(1.5));
        try (NDManager manager = parts.manager().newSubManager()) {
            NDArray latents = pipeline.latents(manager, request, new TorchRandom(1), Progress.NONE);
            assertThat(latents.getShape()).isEqualTo(new Shape(1, 4, 24, 24));
            assertThat(manager.getManagedArrays()).containsExactly(latents);
            NDArray encoded =
                    pipeline.encode(manager, pipeline.generate(REQUEST).image(), latents.get(":, :, :16, :16"));
            assertThat(manager.getManagedArrays()).contains(latents, encoded);
        }
    }

    @Test
    void saysWhatPlaysNoPart() {
        assertThat(pipeline.generate(REQUEST.withGuidance(
                                Guidance.DEFAULT.withScale(1).withRescale(0.5)))
                        .warnings())
                .containsExactly("rescaling, start, end, limit and thresholding of guidance have no effect, because the"
                        + " guidance scale is 1.0 and not above 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withMicroConditioning(MicroConditioning.of(64, 64))))
                .withMessage("there is a micro-conditioning, which " + parts.name()
                        + " is not told; expected none, or a Stable Diffusion XL");
    }

    @Test
    void endsWhenItsThreadIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> pipeline.generate(REQUEST));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void saysWhichSizesAreNear() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withSize(66, 64)))
                .withMessage("width is 66; expected a multiple of 4, 64 or 68 for instance");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withSize(64, 3)))
                .withMessage("height is 3; expected a multiple of 4, 4 for instance");
    }

    @Test
    void makesOtherSizesThanItsOwn() {
        BufferedImage wide = pipeline.generate(REQUEST.withSize(108, 60)).image();
        assertThat(wide.getWidth()).isEqualTo(108);
        assertThat(wide.getHeight()).isEqualTo(60);
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> REQUEST.withSteps(0))
                .withMessage("steps is 0; expected 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withSteps(1001)))
                .withMessageContaining("1000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> REQUEST.withGuidanceScale(Double.NaN))
                .withMessageContaining("guidance scale is NaN; expected 0 to 100");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(REQUEST.withScheduler("eulr")))
                .withMessageContaining("scheduler is \"eulr\"; the nearest names are euler");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> pipeline.generate(REQUEST.withScheduler("euler").withEta(0.5)))
                .withMessageContaining("eta");
    }

    @Test
    void takesAnEmptyPrompt() {
        assertThat(pipeline.generate(new GenerationRequest("").withSeed(0).withSteps(1))
                        .warnings())
                .isEmpty();
    }

    @Test
    void quotesWhatOfAPromptDidNotFit() {
        Generation generation = pipeline.generate(new GenerationRequest(
                        "a big red circle on a white background ".repeat(4).strip())
                .withPromptSyntax(PromptSyntax.PLAIN)
                .withSteps(1));
        assertThat(generation.warnings())
                .singleElement()
                .asString()
                .startsWith("the prompt has more than 22 tokens; this part is ignored: \"")
                .endsWith("a white background\"");
    }

    @Test
    void recordsHowAnImageWasMade() {
        Generation generation = pipeline.generate(REQUEST.withNegativePrompt("a star")
                .withSeed(5)
                .withScheduler("DPM++ 2M Karras")
                .withCount(2));
        assertThat(generation.results().get(1).seed()).isEqualTo(6);
        assertThat(generation.results().get(1).parameters()).isEqualTo("""
                        a red circle above a blue square on a white background
                        Negative prompt: a star
                        Steps: 4, Sampler: DPM++ 2M Karras, CFG scale: 3, Seed: 6, Size: 64x64, Model: shapes, Version: latent4j""");
    }

    @Test
    void makesOneImageAPrompt() {
        List<String> prompts = List.of("a red circle", "a (blue:1.3) star", "a red circle");
        GenerationRequest request = REQUEST.withPromptSyntax(PromptSyntax.WEIGHTED)
                .withNegativePrompt("a square")
                .withSteps(2)
                .withSeed(3)
                .withBatchSize(2);

        Generation together = pipeline.generate(prompts, request, Progress.NONE);

        assertThat(together.images()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            GenerationRequest alone = request.withPrompt(prompts.get(i)).withSeed(3 + i);
            GeneratedImage expected = pipeline.generate(alone).results().get(0);
            assertThat(together.results().get(i).seed()).isEqualTo(3 + i);
            assertThat(together.results().get(i).parameters()).isEqualTo(expected.parameters());
            assertThat(Differences.mean(together.images().get(i), expected.image()))
                    .isLessThan(0.5);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(List.of(), request, Progress.NONE))
                .withMessage("there is no prompt; expected one or more");
    }

    @Test
    void noFreshNoiseMayBeAskedFor() {
        GenerationRequest request = REQUEST.withScheduler("tcd").withSteps(3);
        GeneratedImage none = pipeline.generate(request.withEta(0)).results().get(0);
        assertThat(Differences.mean(
                        none.image(), pipeline.generate(request.withEta(0.3)).image()))
                .isPositive();
        assertThat(Differences.mean(
                        pipeline.generate(request).image(),
                        pipeline.generate(request.withEta(0.3)).image()))
                .as("the method's own")
                .isZero();
        assertThat(none.parameters()).contains(", Eta: 0, ");
        TextToImagePipeline noisy =
                new TextToImagePipeline(parts.withScheduler(parts.scheduler().withSetting("eta", "1")));
        GenerationRequest ddim = REQUEST.withScheduler("ddim").withSteps(3);
        assertThat(Differences.mean(
                        noisy.generate(ddim.withEta(0)).image(),
                        pipeline.generate(ddim).image()))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void halfPrecisionMakesAlmostTheSameImage(DataType dataType) throws IOException {
        GenerationRequest request = new GenerationRequest("a big red circle on a white background")
                .withSeed(42)
                .withSteps(10);
        try (Components half = Components.embedded(Device.cpu(), dataType)) {
            BufferedImage image =
                    new TextToImagePipeline(half).generate(request).image();
            assertThat(Differences.mean(image, pipeline.generate(request).image()))
                    .isLessThan(6);
        }
    }
}
