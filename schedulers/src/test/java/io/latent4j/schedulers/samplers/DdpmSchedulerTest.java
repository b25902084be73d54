package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.ClippedScheduler;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.process.DdpmVariance;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DdpmSchedulerTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.LEADING);
    private final DdpmScheduler ddpm = new DdpmScheduler(timetable, DdpmVariance.FIXED_SMALL);

    @ParameterizedTest
    @EnumSource(names = {"FIXED_SMALL", "FIXED_LARGE"})
    void keepsTheDataDistribution(DdpmVariance variance) {
        DdpmScheduler scheduler = new DdpmScheduler(timetable, variance);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = Runs.noise(1).like(manager.zeros(new Shape(20_000)));
            NDArray end = Runs.run(scheduler, scheduler.plan(500), start, new GaussianData(0.5, 0.3), Runs.noise(2));
            double mean = end.mean().getFloat();
            assertThat(mean).isCloseTo(0.5, within(0.01));
            assertThat(Math.sqrt(end.sub(mean).square().mean().getFloat())).isCloseTo(0.3, within(0.015));
        }
    }

    /** Where the clean data is certain, the smaller variance is DDIM's at η = 1. */
    @Test
    void withTheSmallerVarianceItIsDdimAtFullNoise() {
        DdimScheduler ddim = new DdimScheduler(timetable, NoiseLevel.CLEAN, 1);
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            Plan plan = ddpm.plan(20);
            float[] expected = Runs.run(ddim, plan, start, data, Runs.noise(3)).toFloatArray();
            float[] actual = Runs.run(ddpm, plan, start, data, Runs.noise(3)).toFloatArray();
            assertThat(actual).containsExactly(expected, within(1e-5f));
        }
    }

    @Test
    void aLearnedRangeReachesFromTheSmallerToTheLargerVariance() {
        NoiseLevel from = timetable.noise().level(600);
        NoiseLevel to = timetable.noise().level(500);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray ends = manager.create(new float[] {-1, 1});
            float[] range = DdpmVariance.LEARNED_RANGE
                    .std(from, to, Optional.of(ends), ends)
                    .toFloatArray();
            assertThat(range[0]).isCloseTo(std(DdpmVariance.FIXED_SMALL, from, to, ends), within(1e-6f));
            assertThat(range[1]).isCloseTo(std(DdpmVariance.FIXED_LARGE, from, to, ends), within(1e-6f));
        }
    }

    private static float std(DdpmVariance variance, NoiseLevel from, NoiseLevel to, NDArray like) {
        return variance.std(from, to, Optional.empty(), like).getFloat();
    }

    @Test
    void aLearnedVarianceIsTakenAsItIs() {
        NoiseLevel from = timetable.noise().level(600);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray told = manager.create(new float[] {0.25f, -1});
            float[] std = DdpmVariance.LEARNED
                    .std(from, NoiseLevel.CLEAN, Optional.of(told), told)
                    .toFloatArray();
            assertThat(std).containsExactly(new float[] {0.5f, 0}, within(1e-6f));
        }
    }

    @Test
    void refusesToLearnFromANetworkThatTellsNoVariance() {
        DdpmScheduler learned = new DdpmScheduler(timetable, DdpmVariance.LEARNED_RANGE);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.ones(new Shape(1, 1, 2, 2));
            Plan plan = learned.plan(5);
            assertThatThrownBy(() -> Runs.run(learned, plan, start, new GaussianData(0, 1), Runs.noise(1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the network tells no variance; expected twice as many channels as the latents have,"
                            + " or a variance_type of fixed_small or fixed_large");
        }
    }

    @Test
    void visitsWhatIsListedAndEndsClean() {
        Plan plan = ddpm.plan(Steps.atTimesteps(List.of(900.0, 400.0, 30.0)));
        assertThat(plan.stages()).extracting(stage -> stage.to().timestep()).containsExactly(400.0, 30.0, 0.0);
        assertThat(plan.level(3)).isEqualTo(NoiseLevel.CLEAN);
        assertThat(ddpm.plan(Steps.atSigmas(List.of(5.0, 1.0, 0.5))).level(2).ratio())
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void refusesListsThatRoundToTheSameTimestep() {
        assertThatThrownBy(() -> ddpm.plan(Steps.atTimesteps(List.of(10.4, 10.0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the run goes from timestep 10.0 to 10.0, where there is no less noise; expected whole"
                        + " timesteps that fall");
    }

    @Test
    void refusesNoisePredictionWhereThereIsNoSignal() {
        String keys = "\"rescale_betas_zero_snr\": true, \"timestep_spacing\": \"trailing\"";
        assertThatThrownBy(() -> Schedulers.named("ddpm", Runs.config(keys)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prediction_type is \"epsilon\" and rescale_betas_zero_snr true");
    }

    @Test
    void clipsUnlessTheFileSaysOtherwise() {
        assertThat(Schedulers.named("ddpm", Runs.config(""))).isInstanceOf(ClippedScheduler.class);
        assertThat(Schedulers.named("ddpm", Runs.config("\"clip_sample\": false, \"variance_type\": \"learned\"")))
                .extracting(scheduler -> ((DdpmScheduler) scheduler).variance())
                .isEqualTo(DdpmVariance.LEARNED);
    }
}
