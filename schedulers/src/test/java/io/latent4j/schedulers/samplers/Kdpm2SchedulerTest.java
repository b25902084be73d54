package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.List;
import org.junit.jupiter.api.Test;

class Kdpm2SchedulerTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.TRAILING);
    private final Kdpm2Scheduler kdpm2 = new Kdpm2Scheduler(Runs.levels(timetable));

    @Test
    void isOfSecondOrder() {
        assertThat(Runs.gain(kdpm2, 128)).isCloseTo(4, within(0.3));
    }

    @Test
    void asksHalfwayInLambdaToo() {
        List<Double> asked = Runs.asked(kdpm2, kdpm2.plan(2));
        assertThat(asked).hasSize(3);
        assertThat(asked.get(0)).isEqualTo(999);
        double middle =
                Math.sqrt(timetable.noise().ratio(999.0) * timetable.noise().ratio(499.0));
        assertThat(asked.get(1)).isCloseTo(timetable.noise().timestep(middle), within(1e-3));
        assertThat(asked.get(2)).isEqualTo(499);
    }

    @Test
    void tellsTheNetworkWholeTimestepsUnderKarrasAlone() {
        Plan karras = Schedulers.named("dpm2 karras", Runs.stableDiffusion()).plan(12);
        assertThat(karras.stages())
                .allMatch(stage -> stage.at().timestep() == Math.rint(stage.at().timestep()));
        Plan exponential = Schedulers.named("dpm2", Runs.stableDiffusion("\"use_exponential_sigmas\": true"))
                .plan(12);
        assertThat(exponential.stages())
                .anyMatch(stage -> stage.at().timestep() != Math.rint(stage.at().timestep()));
    }

    @Test
    void churnedNoiseKeepsTheDataDistribution() {
        Kdpm2Scheduler churning = new Kdpm2Scheduler(Runs.levels(timetable), new Churn(10, 0.05, 10, 1));
        Runs.assertKeepsTheDataDistribution(churning, churning.plan(100));
    }

    @Test
    void asksAtTheChurnedLevel() {
        Kdpm2Scheduler churning = new Kdpm2Scheduler(Runs.levels(timetable), new Churn(0.5, 1, 2, 1));
        NoiseSchedule noise = Runs.timetable(TimestepSpacing.TRAILING).noise();
        double raised = noise.timestep(noise.ratio(499.0) * 1.25);
        assertThat(Runs.asked(churning, churning.plan(2)).get(2)).isCloseTo(raised, within(1e-3));
        assertThat(Runs.draws(churning, churning.plan(2))).isEqualTo(1);
    }
}
