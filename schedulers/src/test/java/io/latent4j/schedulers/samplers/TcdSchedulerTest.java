package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcdSchedulerTest {
    private final DistilledTimetable timetable =
            new DistilledTimetable(NoiseSchedule.scaledLinear(1000, 0.00085, 0.012), 50, 1);
    private final TcdScheduler tcd = new TcdScheduler(timetable, 0.3);

    @Test
    void withoutFreshNoiseItIsDdim() {
        DdimScheduler ddim = new DdimScheduler(Runs.timetable(TimestepSpacing.LEADING), NoiseLevel.CLEAN, 0);
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            Plan plan = tcd.plan(8);
            float[] expected = Runs.run(ddim, plan, start, data, Runs.NO_NOISE).toFloatArray();
            assertThat(Runs.run(tcd.withEta(0), plan, start, data, Runs.NO_NOISE)
                            .toFloatArray())
                    .isEqualTo(expected);
        }
    }

    /** Of a single point the trajectories are straight, and each level's latents are N(alpha · point, sigma²). */
    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.8, 1})
    void freshNoiseKeepsTheLevelsDistribution(double eta) {
        TcdScheduler noisy = tcd.withEta(eta);
        try (NDManager manager = NDManager.newBaseManager()) {
            Plan plan = noisy.plan(5);
            NDArray start = Runs.noise(1)
                    .like(manager.zeros(new Shape(20_000)))
                    .mul(plan.level(0).sigma())
                    .add(0.5 * plan.level(0).alpha());
            SamplerState state = SamplerState.start(start);
            for (int i = 0; i < 3; i++) {
                state = noisy.step(plan, state, new GaussianData(0.5, 0), Runs.noise(2 + i));
            }
            double mean = state.latents().mean().getFloat();
            assertThat(mean).isCloseTo(0.5 * plan.level(3).alpha(), within(0.02));
            assertThat(Math.sqrt(state.latents().sub(mean).square().mean().getFloat()))
                    .isCloseTo(plan.level(3).sigma(), within(0.02));
        }
    }

    @Test
    void theLastStepDrawsNoNoiseAndEndsAtTimestepZero() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Plan plan = tcd.plan(1);
            assertThat(plan.level(1)).isEqualTo(timetable.noise().level(0));
            NDArray start = manager.create(new float[] {-1, 0, 2});
            assertThat(Runs.run(tcd, plan, start, new GaussianData(0, 1), Runs.NO_NOISE))
                    .isNotNull();
        }
    }

    @Test
    void takesThePapersShareOfNoiseUnlessTold() {
        assertThat(((TcdScheduler) Schedulers.named("tcd", Runs.config(""))).eta())
                .isEqualTo(0.3);
        assertThat(((TcdScheduler) Schedulers.named("tcd", Runs.config("\"eta\": 0"))).eta())
                .isZero();
    }

    @Test
    void refusesImpossibleShares() {
        assertThatThrownBy(() -> tcd.withEta(-0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eta is -0.5; expected 0 to 1");
    }
}
