package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import org.junit.jupiter.api.Test;

class Kdpm2AncestralSchedulerTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.TRAILING);
    private final Kdpm2AncestralScheduler ancestral = withEta(1);

    @Test
    void keepsTheDataDistribution() {
        Runs.assertKeepsTheDataDistribution(ancestral, ancestral.plan(200));
    }

    @Test
    void withoutFreshNoiseIsKdpm2() {
        Kdpm2Scheduler kdpm2 = new Kdpm2Scheduler(Runs.levels(timetable));
        Plan plan = kdpm2.plan(9);
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            assertThat(Runs.run(withEta(0), plan, start, data, Runs.NO_NOISE).toFloatArray())
                    .isEqualTo(Runs.run(kdpm2, plan, start, data, Runs.NO_NOISE).toFloatArray());
        }
    }

    @Test
    void drawsNoiseInEveryStepButTheLast() {
        assertThat(Runs.draws(ancestral, ancestral.plan(7))).isEqualTo(6);
    }

    private Kdpm2AncestralScheduler withEta(double eta) {
        return new Kdpm2AncestralScheduler(Runs.levels(timetable), new AncestralNoise(eta, 1));
    }
}
