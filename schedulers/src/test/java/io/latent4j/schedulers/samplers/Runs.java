package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParser;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.TrainedLevels;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What the tests of the samplers share: whole runs, and the model settings of Stable Diffusion. */
public final class Runs {
    public static final NoiseSource NO_NOISE = like -> {
        throw new AssertionError("noise drawn");
    };

    private Runs() {}

    public static SchedulerConfig stableDiffusion(String... moreKeys) {
        return config("""
                "_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
                "beta_schedule": "scaled_linear", "steps_offset": 1, "skip_prk_steps": true,
                "set_alpha_to_one": false, "clip_sample": false, "trained_betas": null""" + (moreKeys.length == 0 ? "" : ", " + String.join(", ", moreKeys)));
    }

    public static SchedulerConfig config(String keys) {
        return SchedulerConfig.from(
                JsonParser.parseString("{" + keys + "}").getAsJsonObject(), "scheduler/scheduler_config.json");
    }

    public static Timetable timetable(TimestepSpacing spacing) {
        return new Timetable(NoiseSchedule.scaledLinear(1000, 0.00085, 0.012), spacing, 1);
    }

    /** Levels at the timesteps of {@code timetable}, to no noise. */
    public static TrainedLevels levels(Timetable timetable) {
        return new TrainedLevels(timetable, Optional.empty(), NoiseLevel.CLEAN);
    }

    /** Levels spaced by {@code sigmas} between the first and last of {@code timetable}, to no noise. */
    public static TrainedLevels levels(Timetable timetable, SigmaSpacing sigmas) {
        return new TrainedLevels(timetable, Optional.of(sigmas), NoiseLevel.CLEAN);
    }

    /** {@code steps + 1} levels, evenly apart in λ from −2 to 2. */
    static Plan evenInLambda(int steps) {
        List<NoiseLevel> levels = IntStream.rangeClosed(0, steps)
                .mapToObj(i -> NoiseLevel.ofRatio(0, Math.exp(2 - 4.0 * i / steps)))
                .toList();
        return Plan.through(levels, 1);
    }

    /**
     * Sigmas from λ = −2 to 2: {@code steps} even steps of length h after six of h², so short that their lower orders do
     * not show in the error.
     */
    static Steps sigmasAfterSlowStart(int steps) {
        double h = 4.0 / steps;
        DoubleStream slow = IntStream.range(0, 6).mapToDouble(i -> i * h * h);
        DoubleStream even = IntStream.rangeClosed(0, steps).mapToDouble(i -> 6 * h * h + i * (4 - 6 * h * h) / steps);
        return Steps.atSigmas(DoubleStream.concat(slow, even)
                .mapToObj(passed -> Math.exp(2 - passed))
                .toList());
    }

    /** What the error of a run on Gaussian data is divided by when its steps are halved. */
    static double gainOnceStarted(Scheduler scheduler) {
        return gainInTheMean(scheduler, 0);
    }

    /** That of the average over the noise of a run, {@code eta} times the noise of the diffusion's own reverse. */
    static double gainInTheMean(Scheduler scheduler, double eta) {
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            double[] errors = IntStream.of(240, 480)
                    .mapToObj(steps -> scheduler.plan(sigmasAfterSlowStart(steps)))
                    .mapToDouble(plan -> run(scheduler, plan, start, data, NDArray::zerosLike)
                            .sub(data.reverseMean(start, plan.level(0), plan.level(plan.steps()), eta))
                            .abs()
                            .max()
                            .getDouble())
                    .toArray();
            return errors[0] / errors[1];
        }
    }

    public static NDArray run(Scheduler scheduler, Plan plan, NDArray start, Denoiser model, NoiseSource noise) {
        SamplerState state = SamplerState.start(start);
        while (state.index() < plan.steps()) {
            state = scheduler.step(plan, state, model, noise);
        }
        return state.latents();
    }

    /** How far a run on Gaussian data ends from where the flow ends. */
    static double error(Scheduler scheduler, Plan plan, NDArray start) {
        GaussianData data = new GaussianData(0.5, 0.3);
        NDArray expected = data.flow(start, plan.level(0), plan.level(plan.steps()));
        return run(scheduler, plan, start, data, NO_NOISE)
                .sub(expected)
                .abs()
                .max()
                .getDouble();
    }

    /**
     * Checks that a run of {@code plan} over many draws ends with the mean and spread of its data, less the spread that
     * the last step takes: to no noise at all it goes to the mean of what the data may be.
     */
    static void assertKeepsTheDataDistribution(Scheduler scheduler, Plan plan) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = plan.initialLatents(noise(1).like(manager.zeros(new Shape(20_000))));
            NDArray end = run(scheduler, plan, start, new GaussianData(0.5, 0.3), noise(2));
            double last = plan.stage(plan.steps() - 1).from().ratio();
            double mean = end.mean().getFloat();
            assertThat(mean).isCloseTo(0.5, within(0.01));
            assertThat(Math.sqrt(end.sub(mean).square().mean().getFloat()))
                    .isCloseTo(0.3 * 0.3 / Math.hypot(0.3, last), within(0.006));
        }
    }

    /** How many times the error falls when the steps are halved, from {@code steps} steps on. */
    static double gain(Scheduler scheduler, int steps) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            return error(scheduler, evenInLambda(steps), start) / error(scheduler, evenInLambda(2 * steps), start);
        }
    }

    /** The timesteps that a run of {@code plan} asks the network at, call by call. */
    static List<Double> asked(Scheduler scheduler, Plan plan) {
        List<Double> asked = new ArrayList<>();
        Denoiser model = (x, at) -> {
            asked.add(at.timestep());
            return new Prediction(x, x);
        };
        try (NDManager manager = NDManager.newBaseManager()) {
            run(scheduler, plan, manager.ones(new Shape(1)), model, noise(3));
        }
        return asked;
    }

    /** How often a run of {@code plan} draws noise. */
    static int draws(Scheduler scheduler, Plan plan) {
        AtomicInteger draws = new AtomicInteger();
        NoiseSource counting = like -> {
            draws.incrementAndGet();
            return like.zerosLike();
        };
        try (NDManager manager = NDManager.newBaseManager()) {
            run(scheduler, plan, manager.ones(new Shape(2)), new GaussianData(0, 1), counting);
        }
        return draws.get();
    }

    public static NoiseSource noise(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return like -> {
            float[] values = new float[Math.toIntExact(like.getShape().size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return like.getManager().create(values, like.getShape());
        };
    }
}
