package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DdimInversionTest {
    private static final GaussianData DATA = new GaussianData(0.5, 0.3);
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LEADING);
    private final DdimScheduler ddim = new DdimScheduler(timetable, NoiseLevel.CLEAN, 0);

    @ParameterizedTest
    @EnumSource(names = {"EPSILON", "V_PREDICTION"})
    void ddimFindsTheWayBack(PredictionType type) {
        DdimInversion inversion = new DdimInversion(timetable, type, NoiseLevel.CLEAN);
        double coarse = roundTripError(inversion, 50);
        double fine = roundTripError(inversion, 200);
        assertThat(fine).isLessThan(0.03);
        assertThat(coarse / fine).isGreaterThan(3);
    }

    private double roundTripError(DdimInversion inversion, int steps) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray clean = manager.create(new double[] {-0.2, 0.3, 0.5, 1.1});
            NDArray noise = Runs.run(inversion, inversion.plan(steps), clean, DATA, Runs.NO_NOISE);
            NDArray back = Runs.run(ddim, ddim.plan(steps), noise, DATA, Runs.NO_NOISE);
            return back.sub(clean).abs().max().getDouble();
        }
    }

    @Test
    void endsAtTheNoiseOfTheFlow() {
        DdimInversion inversion = new DdimInversion(timetable, PredictionType.EPSILON, NoiseLevel.CLEAN);
        Plan plan = inversion.plan(250);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray clean = manager.create(new double[] {-0.2, 0.3, 0.5, 1.1});
            NDArray expected = DATA.flow(clean, NoiseLevel.CLEAN, plan.level(250));
            double[] actual =
                    Runs.run(inversion, plan, clean, DATA, Runs.NO_NOISE).toDoubleArray();
            assertThat(actual).containsExactly(expected.toDoubleArray(), within(0.05));
        }
    }

    @Test
    void visitsTheLevelsOfDdimUpwards() {
        DdimInversion inversion = DdimInversion.from(Runs.stableDiffusion());
        Plan plan = inversion.plan(5);
        assertThat(plan.stages())
                .extracting(stage -> stage.at().timestep())
                .containsExactly(1.0, 201.0, 401.0, 601.0, 801.0);
        assertThat(plan.stage(0).from()).isEqualTo(timetable.noise().level(0));
        assertThat(plan.level(5)).isEqualTo(timetable.noise().level(801));
    }
}
