package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.spacing.Karras;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.List;
import org.junit.jupiter.api.Test;

class DdimSchedulerTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LEADING);
    private final DdimScheduler ddim = new DdimScheduler(timetable, NoiseLevel.CLEAN, 0);

    @Test
    void equalsEulerOnTheSameLevels() {
        EulerScheduler euler = new EulerScheduler(Runs.levels(timetable, new Karras()));
        Plan plan = euler.plan(12);
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            assertThat(Runs.run(ddim, plan, start, data, Runs.NO_NOISE).toFloatArray())
                    .isEqualTo(Runs.run(euler, plan, start, data, Runs.NO_NOISE).toFloatArray());
        }
    }

    @Test
    void isOfFirstOrder() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            double coarse = Runs.error(ddim, Runs.evenInLambda(64), start);
            double fine = Runs.error(ddim, Runs.evenInLambda(128), start);
            assertThat(coarse / fine).isCloseTo(2, within(0.1));
        }
    }

    @Test
    void withFullNoiseKeepsTheDataDistribution() {
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = Runs.noise(1).like(manager.zeros(new Shape(20_000)));
            NDArray end = Runs.run(ddim.withEta(1), ddim.plan(500), start, data, Runs.noise(2));
            double mean = end.mean().getFloat();
            double std = Math.sqrt(end.sub(mean).square().mean().getFloat());
            assertThat(mean).isCloseTo(0.5, within(0.01));
            assertThat(std).isCloseTo(0.3, within(0.015));
        }
    }

    @Test
    void stepsByTheStrideOfTheRun() {
        Plan plan = new DdimScheduler(
                        Runs.timetable(TimestepSpacing.LINSPACE),
                        timetable.noise().level(0),
                        0)
                .plan(5);
        assertThat(plan.stage(0).to().timestep()).isEqualTo(799);
        assertThat(plan.level(1).timestep()).isEqualTo(749);
        assertThat(plan.level(5)).isEqualTo(timetable.noise().level(0));
    }

    @Test
    void visitsWhatIsListed() {
        Plan plan = ddim.plan(Steps.atTimesteps(List.of(900.0, 400.0, 30.0)));
        assertThat(plan.stages()).extracting(stage -> stage.to().timestep()).containsExactly(400.0, 30.0, 0.0);
        assertThat(ddim.plan(Steps.atSigmas(List.of(5.0, 1.0, 0.5))).level(2).ratio())
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void aLearnedVarianceHasNoPartInIt() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.arange(8f).reshape(1, 2, 2, 2).sub(3);
            Denoiser plain = (x, at) -> PredictionType.EPSILON.read(x.mul(0.3), x, at);
            Denoiser learned = (x, at) -> PredictionType.EPSILON.read(x.mul(0.3).concat(x.sin(), 1), x, at);
            Plan plan = ddim.plan(5);
            assertThat(Runs.run(ddim, plan, start, learned, Runs.NO_NOISE))
                    .isEqualTo(Runs.run(ddim, plan, start, plain, Runs.NO_NOISE));
        }
    }

    @Test
    void refusesImpossibleEta() {
        assertThatThrownBy(() -> ddim.withEta(1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eta is 1.5; expected 0 to 1");
    }

    @Test
    void refusesToStartAfterTheEnd() {
        assertThat(ddim.plan(Steps.of(10), LatentSize.UNTOLD, 4).steps()).isEqualTo(6);
        assertThat(ddim.plan(Steps.of(10), LatentSize.UNTOLD, 4).level(0))
                .isEqualTo(ddim.plan(10).level(4));
        assertThatThrownBy(() -> ddim.plan(Steps.of(10), LatentSize.UNTOLD, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the first step is 10; expected 0 to 9 of this run's 10");
    }
}
