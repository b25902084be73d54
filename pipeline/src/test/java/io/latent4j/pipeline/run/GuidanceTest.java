package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.cache.StepCache;
import io.latent4j.core.nn.Adapter;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.pipeline.ControlNetFolder;
import io.latent4j.pipeline.Differences;
import io.latent4j.pipeline.EmbeddedParts;
import io.latent4j.pipeline.GeneratedImage;
import io.latent4j.pipeline.InpaintingTest;
import io.latent4j.pipeline.ManagedArrays;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.schedulers.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(EmbeddedParts.class)
class GuidanceTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withSteps(4);
    private static final Guidance PERTURBED = Guidance.DEFAULT.withPerturbed(new PerturbedAttention(3));
    private static Components parts;
    private static TextToImagePipeline pipeline;
    private static float[] today;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
        today = latents(REQUEST);
    }

    @Test
    void allTheWayIsNoOtherThanWithoutAStretch() {
        assertThat(latents(Guidance.DEFAULT.between(0, 1))).isEqualTo(today);
    }

    @Test
    void perturbedAttentionOfScaleZeroChangesNothing() {
        assertThat(latents(Guidance.DEFAULT.withPerturbed(new PerturbedAttention(0, List.of("nowhere")))))
                .isEqualTo(today);
    }

    @Test
    void eachChangesTheImage() {
        List<float[]> all = List.of(
                today,
                latents(Guidance.DEFAULT.between(0.25, 1)),
                latents(Guidance.DEFAULT.withThresholding(0.9)),
                latents(Guidance.DEFAULT.withPlusPlus()),
                latents(PERTURBED),
                latents(Guidance.DEFAULT.withPerturbed(
                        new PerturbedAttention(3, List.of("mid_block", "up_blocks.1")))));
        assertThat(all).doesNotHaveDuplicates().allSatisfy(each -> {
            for (float value : each) {
                assertThat(value).isFinite();
            }
        });
    }

    @Test
    void asksForThePromptsSideAloneOutsideItsStretch() {
        assertThat(samples(Guidance.DEFAULT, 1)).containsExactly(2, 2, 2, 2);
        assertThat(samples(Guidance.DEFAULT.between(0.25, 0.75), 1)).containsExactly(1, 2, 2, 1);
        assertThat(samples(PERTURBED.between(0.25, 0.75), 2)).containsExactly(2, 6, 6, 2);
        assertThat(samples(PERTURBED.withScale(1), 1)).containsExactly(2, 2, 2, 2);
        assertThat(samples(Guidance.DEFAULT.withScale(1), 1)).containsExactly(1, 1, 1, 1);
        assertThat(samples(Guidance.DEFAULT.withPlusPlus().withScale(1), 1)).containsExactly(2, 2, 2, 2);
    }

    /** How many samples the UNet is given in each step. */
    private static List<Integer> samples(Guidance guidance, int images) {
        Run run = Run.of(REQUEST.withGuidance(guidance), parts, Attachments.NONE);
        Plan plan = run.course().plan();
        List<Integer> samples = new ArrayList<>();
        int[] layers = {0};
        Adapter counting = (layer, x, y) -> {
            if (layers[0]++ == 0) { // of a step
                samples.add((int) y.getShape().get(0));
            }
            return y;
        };
        try (NDManager manager = parts.manager().newSubManager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            StepNetworks networks =
                    networks(run, images, (step, steps) -> Pass.inference().withAdapters(List.of(counting)), manager);
            NDArray x = new TorchRandom(0).normal(manager, run.latentShape(images));
            DenoisingLoop.run(run.course().scheduler(), plan, x, networks, new TorchRandom(1), (latents, done) -> {
                layers[0] = 0;
                networks.done(done);
            });
        }
        return samples;
    }

    private static StepNetworks networks(Run run, int images, Passes passes, NDManager manager) {
        Plan plan = run.course().plan();
        TextPlan texts = TextPlan.of(
                run, plan, Collections.nCopies(images, run.request().prompt().text()), manager);
        return new StepNetworks(IntStream.range(0, plan.steps())
                .mapToObj(step -> new StepNetwork(
                        parts,
                        passes,
                        run.guidance(),
                        texts.steps().get(step),
                        StepCache.NONE,
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        plan,
                        step))
                .toList());
    }

    /** However often a step asks, at raised levels too, and where levels come twice. */
    @ParameterizedTest
    @CsvSource({"heun, 12", "pndm, 5", "restart, 6", "dpm++2m exponential, 50"})
    void everyStepIsAskedForByItsNumber(String scheduler, int steps) {
        Components set =
                scheduler.equals("heun") ? parts.withScheduler(parts.scheduler().withSetting("s_churn", "40")) : parts;
        Run run = Run.of(REQUEST.withScheduler(scheduler).withSteps(steps), set, Attachments.NONE);
        Plan plan = run.course().plan();
        List<Integer> asked = new ArrayList<>();
        List<Integer> taken = new ArrayList<>();
        try (NDManager manager = parts.manager().newSubManager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Passes noted = (step, all) -> {
                assertThat(all).isEqualTo(plan.steps());
                asked.add(step);
                return Pass.inference();
            };
            StepNetworks networks = networks(run, 1, noted, manager);
            NDArray x = new TorchRandom(0).normal(manager, run.latentShape(1));
            DenoisingLoop.run(run.course().scheduler(), plan, x, networks, new TorchRandom(1), (latents, done) -> {
                assertThat(asked).isNotEmpty().containsOnly(done - 1);
                asked.clear();
                taken.add(done);
                networks.done(done);
            });
        }
        assertThat(taken).hasSize(plan.steps());
    }

    @Test
    void outsideItsStretchItIsThePromptsPrediction() {
        GenerationRequest euler = REQUEST.withScheduler("euler");
        float[] never = latents(euler.withGuidanceScale(1));
        // the last step begins at 0.75 of the way
        assertThat(latents(euler.withGuidance(Guidance.DEFAULT.between(0.8, 1))))
                .isEqualTo(never);
        assertThat(latents(euler.withGuidance(Guidance.DEFAULT.between(0.75, 1))))
                .isNotEqualTo(never);
    }

    @Test
    void thePartOfTheWayCountsFromTheNoiseInImageToImageToo() {
        GenerationRequest request =
                REQUEST.withImage(pipeline.generate(REQUEST).image()).withStrength(0.5);
        assertThat(latents(request.withGuidance(Guidance.DEFAULT.between(0, 0.5))))
                .isEqualTo(latents(request.withGuidanceScale(1)));
        assertThat(latents(request.withGuidance(Guidance.DEFAULT.between(0.5, 1))))
                .isEqualTo(latents(request));
    }

    @Test
    void perturbedRequestsDoNotMeetOthers() throws Exception {
        float[] perturbed = latents(PERTURBED);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<float[]> with = threads.submit(() -> latents(PERTURBED));
            Future<float[]> without = threads.submit(() -> latents(REQUEST));
            assertThat(with.get()).isEqualTo(perturbed);
            assertThat(without.get()).isEqualTo(today);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void makesTheSameImagesTogetherAndOneByOne(@TempDir Path folder) throws IOException {
        try (ControlNet net = parts.controlNet(ControlNetFolder.write(folder.resolve("net")))) {
            ControlInput control = new ControlInput("net", InpaintingTest.mask(64, 64, 10, 20, 30, 20)).withScale(5);
            for (ControlInput steering : List.of(control, control.withGuess())) {
                GenerationRequest request = REQUEST.withScheduler("euler a")
                        .withControls(List.of(steering))
                        .withGuidance(PERTURBED.withPlusPlus().between(0, 0.6).withThresholding(0.99));
                List<GeneratedImage> together = pipeline.withControlNets(net)
                        .generate(request.withCount(2).withBatchSize(2))
                        .results();
                assertThat(Differences.largest(
                                together.get(1).image(),
                                pipeline.withControlNets(net)
                                        .generate(request.withSeed(1))
                                        .image()))
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void halfPrecisionDoesWithoutAttentionToo() throws IOException {
        GenerationRequest request = REQUEST.withGuidance(PERTURBED.between(0, 0.8));
        try (Components half = Components.embedded(Device.cpu(), DataType.BFLOAT16)) {
            assertThat(Differences.mean(
                            new TextToImagePipeline(half).generate(request).image(),
                            pipeline.generate(request).image()))
                    .isLessThan(6);
        }
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        GenerationRequest request = REQUEST.withGuidance(
                PERTURBED.withPlusPlus().withThresholding(0.99).withRescale(0.5));
        pipeline.generate(request);
        ManagedArrays.staysTheSame(parts, () -> {
            pipeline.generate(request);
        });
    }

    @Test
    void recordsHowItGuided() {
        assertThat(parameters(Guidance.DEFAULT)).contains("CFG scale: 3,").doesNotContain("start", "PAG", "++");
        assertThat(parameters(Guidance.DEFAULT
                        .between(0.1, 0.9)
                        .withThresholding(0.99)
                        .withPerturbed(new PerturbedAttention(2.5, List.of("mid_block", "up_blocks.1")))))
                .contains("CFG scale: 3,")
                .contains(", CFG start: 0.1, CFG end: 0.9, Dynamic thresholding: 0.99, PAG scale: 2.5,"
                        + " PAG layers: mid_block up_blocks.1,");
        assertThat(parameters(Guidance.DEFAULT.withPlusPlus())).contains("CFG scale: 0.6,", ", CFG++: true,");
    }

    private static String parameters(Guidance guidance) {
        return pipeline.generate(REQUEST.withSteps(1).withGuidance(guidance))
                .results()
                .get(0)
                .parameters();
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(
                        REQUEST.withScheduler("dpm++2m").withGuidance(Guidance.DEFAULT.withPlusPlus())))
                .withMessage("CFG++ is asked for with a scheduler whose steps do not put predicted noise back; expected"
                        + " ddim, euler or euler a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Guidance.DEFAULT.withScale(7.5).withPlusPlus())
                .withMessage("guidance scale is 7.5; expected 0 to 2 with CFG++, 0.6 for instance");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Guidance.DEFAULT.between(0.5, 0.5))
                .withMessage("the guided part of the denoising trajectory is 0.5 to 0.5; expected a start of 0 or more,"
                        + " below an end of at most 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Guidance.DEFAULT.withThresholding(99))
                .withMessage("dynamic thresholding is 99.0; expected a quantile above 0, at most 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> latents(Guidance.DEFAULT.withPerturbed(new PerturbedAttention(3, List.of("mid")))))
                .withMessage("the UNet has no self-attention at \"mid\"; expected one of down_blocks.0, down_blocks.1,"
                        + " mid_block, up_blocks.1, up_blocks.2, or a name below one of them");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PerturbedAttention(3, List.of()))
                .withMessageContaining("the list of PAG's layers is empty; expected one name or more");
    }

    private static float[] latents(Guidance guidance) {
        return latents(REQUEST.withGuidance(guidance));
    }

    private static float[] latents(GenerationRequest request) {
        try (NDManager manager = parts.manager().newSubManager()) {
            return pipeline.latents(manager, request, NoiseSource.perImage(7, 1), Progress.NONE)
                    .toFloatArray();
        }
    }
}
