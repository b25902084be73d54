package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActiveGuidanceTest {
    private static final NoiseLevel NOISY = new NoiseLevel(600, 0.6, 0.8);
    private static final NoiseLevel LESS = new NoiseLevel(300, 0.8, 0.6);
    private static final GuidanceBatch BOTH = new GuidanceBatch(true, false);
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** The negative side sees noise of 0.5 in latents of 1, and the prompt's of 1. */
    private Denoiser guided(ActiveGuidance guide) {
        return (x, at) -> guide.prediction(
                BOTH, new NDList(array(0.5f), array(1)), eps -> PredictionType.EPSILON.read(eps, x, at), x, at);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddim", "euler"})
    void plusPlusPutsTheNegativeNoiseBack(String scheduler) {
        Denoiser model = guided(new ActiveGuidance(Guidance.DEFAULT.withPlusPlus(), 0.6, false, List.of()));
        // eps = 0.5 + 0.6 (1 - 0.5) = 0.8; x0 = (1 - 0.8 * 0.8) / 0.6 = 0.6; next = 0.8 * 0.6 + 0.6 * 0.5
        assertThat(step(scheduler, model)).isCloseTo(0.78f, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ddim", "euler"})
    void otherGuidancePutsTheGuidedNoiseBack(String scheduler) {
        Denoiser model = guided(new ActiveGuidance(Guidance.DEFAULT, 1.2, false, List.of()));
        // eps = 0.5 + 1.2 (1 - 0.5) = 1.1; x0 = (1 - 0.8 * 1.1) / 0.6 = 0.2; next = 0.8 * 0.2 + 0.6 * 1.1
        assertThat(step(scheduler, model)).isCloseTo(0.82f, within(1e-6f));
    }

    private float step(String scheduler, Denoiser model) {
        Plan plan = Plan.through(List.of(NOISY, LESS), 1);
        return Schedulers.named(scheduler, SchedulerConfig.from(new JsonObject(), "no file"))
                .step(plan, SamplerState.start(array(1)), model, new TorchRandom(0))
                .latents()
                .getFloat(0, 0, 0, 0);
    }

    @Test
    void plusPlusAtZeroIsTheNegativePrediction() {
        ActiveGuidance guide = new ActiveGuidance(Guidance.DEFAULT.withPlusPlus(), 0, false, List.of());
        Prediction p = guided(guide).predict(array(1), NOISY);
        assertThat(p.eps().toFloatArray()).containsExactly(0.5f);
        assertThat(p.x0().toFloatArray()).containsExactly(new float[] {1}, within(1e-6f)); // (1 - 0.8 * 0.5) / 0.6
    }

    @Test
    void perturbedAttentionAddsToTheOther() {
        Guidance guidance = Guidance.DEFAULT.withPerturbed(new PerturbedAttention(3));
        ActiveGuidance guide = new ActiveGuidance(guidance, 2, false, List.of());
        assertThat(eps(guide, new GuidanceBatch(true, true), 0.5f, 1, 0.9f)).isCloseTo(1.8f, within(1e-6f));
        assertThat(eps(guide, new GuidanceBatch(false, true), 1, 0.9f)).isCloseTo(1.3f, within(1e-6f));
        assertThat(eps(guide, BOTH, 0.5f, 1)).isCloseTo(1.5f, within(1e-6f));
        assertThat(eps(guide, GuidanceBatch.PROMPT, 1)).isEqualTo(1);
    }

    private float eps(ActiveGuidance guide, GuidanceBatch sides, float... outputs) {
        NDList answers = new NDList();
        for (float output : outputs) {
            answers.add(array(output));
        }
        NDArray x = array(1);
        return guide.prediction(sides, answers, eps -> PredictionType.EPSILON.read(eps, x, NOISY), x, NOISY)
                .eps()
                .getFloat(0, 0, 0, 0);
    }

    @Test
    void thresholdingKeepsToTheRangeOfThePromptsPrediction() {
        NDArray x = array(0, 0);
        // x0 = -eps 0.8 / 0.6: of the prompt -1 and 0.5; guided by 3 from zeros -3 and 1.5
        NDList outputs = new NDList(array(0, 0), array(0.75f, -0.375f));
        ActiveGuidance guide = new ActiveGuidance(Guidance.DEFAULT.withThresholding(1), 3, false, List.of());
        Prediction p = guide.prediction(BOTH, outputs, eps -> PredictionType.EPSILON.read(eps, x, NOISY), x, NOISY);
        assertThat(p.x0().toFloatArray()).containsExactly(new float[] {-1, 0.5f}, within(1e-6f));
        assertThat(p.at(NOISY).toFloatArray()).containsExactly(new float[] {0, 0}, within(1e-6f));
    }

    @Test
    void guidesWhereItBeginsBetweenStartAndEnd() {
        ActiveGuidance guide = new ActiveGuidance(Guidance.DEFAULT.between(0.25, 0.75), 2, false, List.of());
        assertThat(guide.sides(0.2)).isEqualTo(GuidanceBatch.PROMPT);
        assertThat(guide.sides(0.25)).isEqualTo(BOTH);
        assertThat(guide.sides(0.74)).isEqualTo(BOTH);
        assertThat(guide.sides(0.75)).isEqualTo(GuidanceBatch.PROMPT);
    }

    private NDArray array(float... values) {
        return manager.create(values, new Shape(1, 1, 1, values.length));
    }
}
