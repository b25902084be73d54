package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LcmSchedulerTest {
    private static final NoiseSchedule NOISE = NoiseSchedule.scaledLinear(1000, 0.00085, 0.012);
    private final LcmScheduler lcm = lcm(50, 1);

    private static LcmScheduler lcm(int originalSteps, double strength) {
        return new LcmScheduler(new DistilledTimetable(NOISE, originalSteps, strength), 10);
    }

    /** The flow itself is the consistency function that distillation aims at. */
    @Test
    void anIdealNetworkKeepsTheDataDistribution() {
        GaussianData data = new GaussianData(0.5, 0.3);
        Denoiser ideal = (x, at) -> new Prediction(data.flow(x, at, NoiseLevel.CLEAN), x);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = Runs.noise(1).like(manager.zeros(new Shape(20_000)));
            NDArray end = Runs.run(lcm, lcm.plan(4), start, ideal, Runs.noise(2));
            double mean = end.mean().getFloat();
            assertThat(mean).isCloseTo(0.5, within(0.01));
            assertThat(Math.sqrt(end.sub(mean).square().mean().getFloat())).isCloseTo(0.3, within(0.01));
        }
    }

    @Test
    void aSingleStepDrawsNoNoise() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 2});
            NDArray end = Runs.run(lcm, lcm.plan(1), start, new GaussianData(0.5, 0), Runs.NO_NOISE);
            assertThat(end.toFloatArray()).containsExactly(new float[] {0.5f, 0.5f, 0.5f}, within(1e-5f));
        }
    }

    @Test
    void isTheIdentityAtTimestepZero() {
        Plan plan = Plan.through(List.of(NOISE.level(0), NoiseLevel.CLEAN), 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new float[] {3});
            assertThat(Runs.run(lcm, plan, x, new GaussianData(0, 0), Runs.NO_NOISE)
                            .getFloat(0))
                    .isEqualTo(3);
        }
    }

    @Test
    void picksAmongTheTimestepsOfTheDistillation() {
        assertThat(timesteps(lcm.plan(4))).containsExactly(999, 759, 499, 259);
        assertThat(timesteps(lcm(50, 0.5).plan(4))).containsExactly(499, 379, 259, 139);
        assertThat(timesteps(lcm(20, 1).plan(3))).containsExactly(999, 699, 349);
        assertThat(timesteps(lcm.plan(Steps.atTimesteps(List.of(999.0, 500.0, 20.0)))))
                .containsExactly(999, 500, 20);
        assertThat(timesteps(lcm(50, 0.5).plan(Steps.atTimesteps(List.of(999.0, 500.0, 20.0, 3.0)))))
                .containsExactly(20, 3);
    }

    private static int[] timesteps(Plan plan) {
        return IntStream.range(0, plan.steps())
                .map(i -> (int) plan.level(i).timestep())
                .toArray();
    }

    @Test
    void takesItsOwnScheduleWhereTheFileIsSilent() {
        LcmScheduler silent = (LcmScheduler) Schedulers.named("lcm", Runs.config(""));
        assertThat(silent.timetable().noise().level(999).ratio()).isCloseTo(14.6146469, within(1e-5));
    }

    @Test
    void refusesWhatTheDistillationHasNot() {
        assertThatThrownBy(() -> lcm(50, 0.1).plan(6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is 6; expected 1 to 5, the part of original_inference_steps (50) that strength 0.1"
                        + " leaves");
        assertThatThrownBy(() -> lcm.plan(Steps.atSigmas(List.of(3.0, 0.0))))
                .hasMessage(
                        "a distilled model visits whole timesteps, and no list of sigmas; expected a number of steps"
                                + " or a list of timesteps");
        assertThatThrownBy(() -> lcm(1001, 1))
                .hasMessage(
                        "original_inference_steps is 1001; expected 1 to 1000, the timesteps the model was trained on");
        assertThatThrownBy(() -> lcm(50, 0)).hasMessage("strength is 0.0; expected above 0, 1 at most");
        assertThatThrownBy(() -> Schedulers.named("lcm", Runs.config("\"rescale_betas_zero_snr\": true")))
                .hasMessageContaining("prediction_type is \"epsilon\" and rescale_betas_zero_snr true");
    }
}
