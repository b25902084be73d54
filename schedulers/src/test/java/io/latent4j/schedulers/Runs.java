package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonParser;
import io.latent4j.core.random.NoiseSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What the tests of the samplers share: whole runs, and the model settings of Stable Diffusion. */
final class Runs {
    static final NoiseSource NO_NOISE = like -> {
        throw new AssertionError("noise drawn");
    };

    private Runs() {}

    static SchedulerConfig stableDiffusion(String... moreKeys) {
        return config("""
                "_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
                "beta_schedule": "scaled_linear", "steps_offset": 1, "skip_prk_steps": true,
                "set_alpha_to_one": false, "clip_sample": false, "trained_betas": null""" + (moreKeys.length == 0 ? "" : ", " + String.join(", ", moreKeys)));
    }

    static SchedulerConfig config(String keys) {
        return SchedulerConfig.from(
                JsonParser.parseString("{" + keys + "}").getAsJsonObject(), "scheduler/scheduler_config.json");
    }

    static Timetable timetable(TimestepSpacing spacing) {
        return new Timetable(NoiseSchedule.scaledLinear(1000, 0.00085, 0.012), spacing, 1);
    }

    /** {@code steps + 1} levels, evenly apart in λ from −2 to 2. */
    static Plan evenInLambda(int steps) {
        List<NoiseLevel> levels = IntStream.rangeClosed(0, steps)
                .mapToObj(i -> NoiseLevel.ofRatio(0, Math.exp(2 - 4.0 * i / steps)))
                .toList();
        return Plan.through(levels, 1);
    }

    static NDArray run(Scheduler scheduler, Plan plan, NDArray start, Denoiser model, NoiseSource noise) {
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

    static NoiseSource noise(long seed) {
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
