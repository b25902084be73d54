package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.levels.TrainedLevels;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EulerAncestralSchedulerTest {
    private final EulerAncestralScheduler scheduler =
            new EulerAncestralScheduler(Runs.levels(Runs.timetable(TimestepSpacing.TRAILING)), AncestralNoise.FULL);

    @Test
    void keepsTheDataDistribution() {
        GaussianData data = new GaussianData(0.5, 0.3);
        Plan plan = scheduler.plan(500);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = plan.initialLatents(Runs.noise(1).like(manager.zeros(new Shape(20_000))));
            NDArray end = Runs.run(scheduler, plan, start, data, Runs.noise(2));
            double mean = end.mean().getFloat();
            double std = Math.sqrt(end.sub(mean).square().mean().getFloat());
            assertThat(mean).isCloseTo(0.5, within(0.01));
            assertThat(std).isCloseTo(0.3, within(0.015));
        }
    }

    @Test
    void oneStepSplitsTheNoiseWithoutChangingItsSize() {
        NoiseLevel from = NoiseLevel.ofRatio(0, 4);
        NoiseLevel to = NoiseLevel.ofRatio(0, 1);
        Plan plan = Plan.through(List.of(from, to), 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            Denoiser model = (x, at) -> new Prediction(x.zerosLike(), x.onesLike());
            NoiseSource ones = like -> like.onesLike();
            float next = Runs.run(scheduler, plan, manager.zeros(new Shape(1)), model, ones)
                    .getFloat(0);
            // k-diffusion's split at sigmas 4 and 1: up = √(15/16), down = 1/4
            assertThat((double) next).isCloseTo(to.alpha() * (0.25 + Math.sqrt(15.0 / 16)), within(1e-6));
        }
    }

    @Test
    void isSpacedAsChosenButNotByAnotherMethodsFlags() {
        assertThat(levels(scheduler("\"use_karras_sigmas\": true")).sigmas()).isEmpty();
        assertThat(levels(scheduler("\"sigma_spacing\": \"karras\"")).sigmas()).isPresent();
        assertThat(scheduler("\"sigma_spacing\": \"karras\"").plan(6).level(0).ratio())
                .isCloseTo(
                        scheduler("\"use_karras_sigmas\": true")
                                .plan(6)
                                .level(0)
                                .ratio(),
                        within(1e-4));
    }

    private static TrainedLevels levels(EulerAncestralScheduler scheduler) {
        return (TrainedLevels) scheduler.levels();
    }

    private static EulerAncestralScheduler scheduler(String key) {
        return (EulerAncestralScheduler) Schedulers.named("euler a", Runs.config(key));
    }

    @Test
    void visitsWhatIsListed() {
        Plan plan = scheduler.plan(Steps.atSigmas(List.of(9.0, 3.0, 0.5)));
        assertThat(plan.level(2).ratio()).isEqualTo(0.5);
        assertThat(scheduler.plan(Steps.atTimesteps(List.of(900.0, 20.5))).level(2))
                .isEqualTo(NoiseLevel.CLEAN);
    }

    @Test
    void withoutFreshNoiseItIsEuler() {
        EulerAncestralScheduler none = scheduler("\"eta\": 0");
        EulerScheduler euler = new EulerScheduler(none.levels());
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            Plan plan = none.plan(9);
            assertThat(Runs.run(none, plan, start, data, Runs.NO_NOISE).toDoubleArray())
                    .containsExactly(
                            Runs.run(euler, plan, start, data, Runs.NO_NOISE).toDoubleArray(), within(1e-12));
        }
    }

    @Test
    void readsItsShareOfFreshNoise() {
        assertThat(scheduler("").fresh()).isEqualTo(AncestralNoise.FULL);
        assertThat(scheduler("\"eta\": 0.4, \"s_noise\": 1.01").fresh()).isEqualTo(new AncestralNoise(0.4, 1.01));
    }

    @Test
    void drawsNoiseOnceAStep() {
        AtomicInteger draws = new AtomicInteger();
        NoiseSource counting = like -> {
            draws.incrementAndGet();
            return like.zerosLike();
        };
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {1, 2});
            Runs.run(scheduler, scheduler.plan(7), start, new GaussianData(0, 1), counting);
        }
        assertThat(draws).hasValue(7);
    }
}
