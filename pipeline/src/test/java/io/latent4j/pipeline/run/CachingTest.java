package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.cache.Evaluation;
import io.latent4j.core.cache.StepCache;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.pipeline.ControlNetFolder;
import io.latent4j.pipeline.Differences;
import io.latent4j.pipeline.EmbeddedParts;
import io.latent4j.pipeline.InpaintingTest;
import io.latent4j.pipeline.ManagedArrays;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.StepEvent;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.model.DenoiserInput;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.schedulers.Plan;
import io.latent4j.unet.ControlResiduals;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
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
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(EmbeddedParts.class)
class CachingTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withSteps(10);
    private static Components parts;
    private static TextToImagePipeline pipeline;
    private static float[] whole;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
        whole = latents(REQUEST);
    }

    private static GenerationRequest cached(String cache) {
        return REQUEST.withCaching(StepCaching.parse(cache));
    }

    private static float[] latents(GenerationRequest request) {
        try (NDManager manager = parts.manager().newSubManager()) {
            return pipeline.latents(manager, request, NoiseSource.perImage(7, 1), Progress.NONE)
                    .toFloatArray();
        }
    }

    /** Runs a request's steps with a cache. */
    private static float[] run(GenerationRequest request, int images, StepCache cache, NDManager manager) {
        Run run = Run.of(request, parts, Attachments.NONE);
        Plan plan = run.course().plan();
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            TextPlan texts = TextPlan.of(
                    run,
                    plan,
                    Collections.nCopies(images, run.request().prompt().text()),
                    manager);
            Pass pass = Pass.inference();
            StepNetworks networks = new StepNetworks(IntStream.range(0, plan.steps())
                    .mapToObj(step -> new StepNetwork(
                            parts,
                            (at, all) -> pass,
                            run.guidance(),
                            texts.steps().get(step),
                            cache,
                            Optional.empty(),
                            List.of(),
                            List.of(),
                            plan,
                            step))
                    .toList());
            NDArray x = new TorchRandom(0).normal(manager, run.latentShape(images));
            return DenoisingLoop.run(
                            run.course().scheduler(),
                            plan,
                            x,
                            networks,
                            new TorchRandom(1),
                            (latents, done) -> networks.done(done))
                    .toFloatArray();
        }
    }

    @Test
    void aCacheThatIsNeverUsedLeavesEveryBit() {
        try (NDManager manager = parts.manager().newSubManager();
                StepCache full = StepCache.below(manager).withDeep(1, 0)) {
            float[] plain = run(REQUEST, 1, StepCache.NONE, manager);
            assertThat(run(REQUEST, 1, full, manager)).isEqualTo(plain);
            assertThat(full.deep().orElseThrow().fulls()).isEqualTo(10);
            assertThat(full.deep().orElseThrow().partials()).isZero();
            StepCache open = StepCache.below(manager).withGate(10);
            assertThat(run(REQUEST, 1, open, manager)).isEqualTo(plain);
            assertThat(open.gate().orElseThrow().reused()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "dpm++2m, 3, 4, 6",
        "dpm++2m, 2, 5, 5",
        "euler a, 4, 3, 7",
        "heun, 3, 7, 12", // 19 evaluations
        "kdpm2, 3, 7, 12",
        "pndm, 3, 7, 12",
    })
    void oneEvaluationOfAnIntervalIsFull(String scheduler, int interval, int fulls, int partials) {
        try (NDManager manager = parts.manager().newSubManager();
                StepCache cache = StepCache.below(manager).withDeep(interval, 0)) {
            run(REQUEST.withScheduler(scheduler), 1, cache, manager);
            assertThat(List.of(
                            cache.deep().orElseThrow().fulls(),
                            cache.deep().orElseThrow().partials()))
                    .containsExactly(fulls, partials);
        }
    }

    /** Restart raises the noise again: 3 of its evaluations at least begin anew. */
    @Test
    void raisedNoiseBeginsAnew() {
        try (NDManager manager = parts.manager().newSubManager();
                StepCache cache = StepCache.below(manager).withDeep(100, 0)) {
            run(REQUEST.withScheduler("restart").withSteps(20), 1, cache, manager);
            assertThat(cache.deep().orElseThrow().fulls()).isGreaterThan(1);
            assertThat(cache.deep().orElseThrow().partials())
                    .isGreaterThan(cache.deep().orElseThrow().fulls());
        }
    }

    @Test
    void guidanceThatEndsBeginsAnew() {
        try (NDManager manager = parts.manager().newSubManager();
                StepCache cache = StepCache.below(manager).withDeep(100, 0)) {
            run(REQUEST.withGuidance(Guidance.DEFAULT.between(0, 0.5)), 1, cache, manager);
            assertThat(cache.deep().orElseThrow().fulls()).isEqualTo(2);
        }
    }

    @Test
    void textsThatChangeBeginAnew() {
        try (NDManager manager = parts.manager().newSubManager();
                StepCache cache = StepCache.below(manager).withDeep(100, 0)) {
            run(REQUEST.withPrompt("a big [red:blue:0.5] circle on a white background"), 1, cache, manager);
            assertThat(cache.deep().orElseThrow().fulls()).isEqualTo(2);
        }
    }

    @Test
    void crossAttentionBehindTheGateIsReusedInAllLayers() {
        try (NDManager manager = parts.manager().newSubManager();
                StepCache cache = StepCache.below(manager).withGate(4)) {
            run(REQUEST, 2, cache, manager);
            int reused = cache.gate().orElseThrow().reused();
            long layers = parts.unet().shapes().keySet().stream()
                    .filter(key -> key.endsWith("attn2.to_q.weight"))
                    .count();
            assertThat(reused).isEqualTo((int) layers * 6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepcache:3", "deepcache:2:1", "deepcache:2:5", "tgate:6", "deepcache:3+tgate:6"})
    void imagesAreLikeThoseWithoutACacheAndTheSameEachTime(String cache) {
        float[] once = latents(cached(cache));
        assertThat(once).isNotEqualTo(whole).isEqualTo(latents(cached(cache)));
        assertThat(distance(once, whole)).isLessThan(0.7);
    }

    @Test
    void deeperBranchesComeNearer() {
        List<Double> distances = IntStream.of(0, 2, 4)
                .mapToObj(branch -> distance(latents(cached("deepcache:3:" + branch)), whole))
                .toList();
        assertThat(distances.get(2)).isLessThan(distances.get(1));
        assertThat(distances.get(1)).isLessThan(distances.get(0));
    }

    /** The root of the mean square of the differences. */
    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum / a.length);
    }

    @Test
    void behindTheGateNothingIsGuided() {
        float[] gated = latents(cached("tgate:4"));
        assertThat(latents(cached("tgate:4")
                        .withGuidance(Guidance.DEFAULT.between(0, 0.4).withRescale(0))))
                .isEqualTo(gated);
        assertThat(latents(cached("tgate:4").withNegativePrompt("blue"))).isNotEqualTo(gated);
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepcache:3", "tgate:5", "deepcache:2:3+tgate:5"})
    void makesTheSameImagesTogetherAndOneByOne(String cache) {
        for (GenerationRequest request : List.of(
                cached(cache).withScheduler("euler a"),
                cached(cache).withGuidance(Guidance.DEFAULT.withPerturbed(new PerturbedAttention(2))))) {
            List<BufferedImage> together =
                    pipeline.generate(request.withCount(2).withBatchSize(2)).images();
            assertThat(Differences.largest(
                            together.get(1),
                            pipeline.generate(request.withSeed(1)).image()))
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void requestsDoNotMeet() throws Exception {
        float[] cached = latents(cached("deepcache:3+tgate:5"));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<float[]> with = threads.submit(() -> latents(cached("deepcache:3+tgate:5")));
            Future<float[]> without = threads.submit(() -> latents(REQUEST));
            assertThat(with.get()).isEqualTo(cached);
            assertThat(without.get()).isEqualTo(whole);
        } finally {
            threads.shutdownNow();
        }
    }

    /** In a partial evaluation the control network computes what the UNet does, and no more. */
    @Test
    void controlNetworksSteerBothKindsOfEvaluations(@TempDir Path folder) throws IOException {
        try (ControlNet net = parts.controlNet(ControlNetFolder.write(folder.resolve("net")))) {
            TextToImagePipeline controlled = pipeline.withControlNets(net);
            ControlInput control = new ControlInput("net", InpaintingTest.mask(64, 64, 10, 20, 30, 20)).withScale(5);
            float[] alone = image(pipeline, cached("deepcache:2"));
            assertThat(image(controlled, cached("deepcache:2").withControls(control.withScale(0))))
                    .isEqualTo(alone);
            assertThat(image(controlled, cached("deepcache:2").withControls(control.withRange(0.5, 1))))
                    .isNotEqualTo(alone);
            assertThat(image(controlled, cached("deepcache:2").withControls(control.withGuess())))
                    .isNotEqualTo(alone);
            GenerationRequest request = REQUEST.withControls(control);
            BufferedImage all = controlled.generate(request).image();
            double steered = Differences.mean(pipeline.generate(REQUEST).image(), all);
            for (String cache : List.of("deepcache:2", "deepcache:2:4", "deepcache:2:2+tgate:9")) {
                BufferedImage some = controlled
                        .generate(request.withCaching(StepCaching.parse(cache)))
                        .image();
                assertThat(Differences.mean(some, all)).as(cache).isLessThan(steered);
            }
        }
    }

    private static float[] image(TextToImagePipeline pipeline, GenerationRequest request) {
        BufferedImage image = pipeline.generate(request).image();
        return image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (float[]) null);
    }

    /** The same latents at the same time: what is reused is what would be computed, whatever the branch. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void aPartialEvaluationOfTheSameInputIsTheFullOne(int branch, @TempDir Path folder) throws IOException {
        try (ControlNet net = parts.controlNet(ControlNetFolder.write(folder.resolve("net")));
                NDManager manager = parts.manager().newSubManager();
                NDScope scope = new NDScope();
                StepCache cache = StepCache.below(manager).withDeep(2, branch)) {
            scope.suppressNotUsedWarning();
            Run run = Run.of(REQUEST, parts, Attachments.NONE);
            Conditioning text = TextPlan.of(run, run.course().plan(), List.of("a circle"), manager)
                    .steps()
                    .get(0);
            NDArray latents = new TorchRandom(3).normal(manager, run.latentShape(2));
            NDArray hint = net.hint(manager.ones(new Shape(1, 3, 64, 64)));
            Evaluation same = new Evaluation(0, 1, 2, true, List.of());
            List<float[]> outputs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                cache.begin(same);
                assertThat(cache.skips().isPresent()).isEqualTo(i == 1);
                ControlResiduals control = net.residuals(latents, 500, text, hint, cache.skips());
                assertThat(control.down()).hasSize(i == 0 ? 6 : branch + 1);
                outputs.add(parts.denoiser()
                        .predict(
                                Pass.inference().caching(cache),
                                DenoiserInput.of(latents, 500, text).withControl(Optional.of(control.rising())))
                        .toFloatArray());
            }
            assertThat(outputs.get(1)).isEqualTo(outputs.get(0));
        }
    }

    @Test
    void worksFromAnImageWithAMaskAndAtALargerSize() {
        BufferedImage image = pipeline.generate(REQUEST.withSeed(9)).image();
        GenerationRequest masked =
                cached("deepcache:3+tgate:4").withImage(image).withMask(InpaintingTest.mask(64, 64, 16, 16, 32, 32));
        BufferedImage painted = pipeline.generate(masked).image();
        assertThat(painted.getRGB(2, 2)).isEqualTo(image.getRGB(2, 2));
        BufferedImage larger = pipeline.generate(
                        cached("deepcache:2+tgate:3").withUpscale(new Upscale(1.5).withStrength(0.7)))
                .image();
        assertThat(larger.getWidth()).isEqualTo(96);
    }

    @Test
    void aRefinerHasACacheOfItsOwn() {
        BufferedImage refined = pipeline.withRefiner(parts, 0.6)
                .generate(cached("deepcache:2+tgate:4"))
                .image();
        assertThat(Differences.mean(refined, pipeline.generate(REQUEST).image()))
                .isLessThan(20);
    }

    @Test
    void worksInHalfPrecision() throws IOException {
        try (Components half = Components.embedded(Device.cpu(), DataType.BFLOAT16)) {
            assertThat(Differences.mean(
                            new TextToImagePipeline(half)
                                    .generate(cached("deepcache:3+tgate:5"))
                                    .image(),
                            pipeline.generate(cached("deepcache:3+tgate:5")).image()))
                    .isLessThan(6);
        }
    }

    @Test
    void leavesNoArraysBehindWhenDoneAndWhenCancelled() throws Exception {
        GenerationRequest request = cached("deepcache:3+tgate:5");
        pipeline.generate(request);
        ManagedArrays.staysTheSame(parts, () -> {
            pipeline.generate(request);
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> pipeline.generate(request, new Cancelling()));
        });
    }

    /** Ends a run after its seventh step. */
    private static final class Cancelling implements Progress {
        private int steps;

        @Override
        public void onStep(StepEvent event) {
            steps++;
        }

        @Override
        public boolean cancelled() {
            return steps == 7;
        }
    }

    @Test
    void isRecorded() {
        assertThat(pipeline.generate(cached("deepcache:3+tgate:4"))
                        .results()
                        .get(0)
                        .parameters())
                .contains(", Cache: \"deepcache:3+tgate:4\",");
        assertThat(pipeline.generate(REQUEST).results().get(0).parameters()).doesNotContain("Cache");
    }

    @Test
    void warnsOfWhatTheGateHides() {
        assertThat(pipeline.generate(cached("tgate:4").withPrompt("a [red:blue:0.8] circle"))
                        .warnings())
                .containsExactly(
                        "the prompt changes after step 4, behind the gate of tgate, where the text is attended to no"
                                + " more; what it changes to has no effect");
        assertThat(pipeline.generate(cached("tgate:4").withPrompt("a [red:blue:0.2] circle"))
                        .warnings())
                .isEmpty();
        assertThat(pipeline.generate(cached("tgate:4").withUpscale(new Upscale(1.5).withStrength(0.3)))
                        .warnings())
                .containsExactly(
                        "tgate has no effect at the larger size: its gate is after 4 steps, and that run takes 3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tgate:10 | dpm++2m | 10 | the gate of tgate is after 10 steps, and the run takes 10; expected 1 to 9, or more"
                        + " steps",
                "firstblock:0.1 | dpm++2m | 10 | the cache firstblock is for transformers, and the model has a UNet; expected"
                        + " deepcache:3, tgate:10 or both",
                "deepcache:3:9 | dpm++2m | 10 | the branch of deepcache is 9, and the UNet has 6 skip connections; expected 0"
                        + " to 5",
                "deepcache:3 | lcm | 10 | the cache deepcache:3 is asked for with a scheduler for models that were distilled to"
                        + " few steps; expected no cache, or another scheduler, dpm++2m for instance",
                "tgate:3 | tcd | 10 | the cache tgate:3 is asked for with a scheduler for models that were distilled",
                "deepcache:2 | euler | 4 | the cache deepcache:2 is asked for in a run of 4 steps, which lie too far apart to reuse"
                        + " anything; expected no cache, or 10 steps or more",
            })
    void refusesByName(String cache, String scheduler, int steps, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        pipeline.generate(cached(cache).withScheduler(scheduler).withSteps(steps)))
                .withMessageContaining(message);
    }

    @Test
    void refusesAGateBeforeGuidance() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(cached("tgate:4").withGuidance(Guidance.DEFAULT.between(0.3, 1))))
                .withMessage(
                        "guidance sets in at 0.3 of the way, and tgate ends it after 4 steps; expected guidance from the"
                                + " start, or no tgate");
    }
}
