package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.ClippedScheduler;
import io.latent4j.schedulers.Clipping;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeunSchedulerTest {
    private final HeunScheduler heun = new HeunScheduler(Runs.levels(Runs.timetable(TimestepSpacing.TRAILING)));

    @Test
    void isOfSecondOrder() {
        assertThat(Runs.gain(heun, 128)).isCloseTo(4, within(0.3));
    }

    @Test
    void asksAtBothEndsOfAStepAndOnceBeforeTheEnd() {
        assertThat(Runs.asked(heun, heun.plan(3))).containsExactly(999.0, 666.0, 666.0, 332.0, 332.0);
    }

    @Test
    void takesBothSlopesFromClippedData() {
        Scheduler clipped = new ClippedScheduler(heun, Clipping.toRange(0), true);
        NoiseLevel from = NoiseLevel.ofRatio(0, 4);
        NoiseLevel to = NoiseLevel.ofRatio(0, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0.5});
            double[] end = Runs.run(
                            clipped,
                            Plan.through(List.of(from, to), 1),
                            start,
                            new GaussianData(0.5, 0.3),
                            Runs.NO_NOISE)
                    .toDoubleArray();
            double shrink = to.sigma() / from.sigma(); // no data at all: all is noise
            assertThat(end).containsExactly(new double[] {-shrink, 0.5 * shrink}, within(1e-12));
        }
    }

    @Test
    void clipsWhereTheFileSaysSo() {
        assertThat(Schedulers.named("heun", Runs.config(""))).isInstanceOf(HeunScheduler.class);
        assertThat(Schedulers.named("heun", Runs.config("\"clip_sample\": true")))
                .isInstanceOf(ClippedScheduler.class);
    }

    @Test
    void churnedNoiseKeepsTheDataDistribution() {
        HeunScheduler churning =
                new HeunScheduler(Runs.levels(Runs.timetable(TimestepSpacing.TRAILING)), new Churn(10, 0.05, 10, 1));
        Runs.assertKeepsTheDataDistribution(churning, churning.plan(100));
    }

    @Test
    void asksAtTheChurnedLevel() {
        HeunScheduler churning =
                new HeunScheduler(Runs.levels(Runs.timetable(TimestepSpacing.TRAILING)), new Churn(0.5, 1, 2, 1));
        NoiseSchedule noise = Runs.timetable(TimestepSpacing.TRAILING).noise();
        double raised = noise.timestep(noise.ratio(499.0) * 1.25);
        assertThat(Runs.asked(churning, churning.plan(2)).get(2)).isCloseTo(raised, within(1e-3));
        assertThat(Runs.draws(churning, churning.plan(2))).isEqualTo(1);
    }
}
