package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import java.util.function.ObjIntConsumer;

/** The denoising loop: one scope a step, out of which only the sampler's state comes. */
public final class DenoisingLoop {
    private DenoisingLoop() {}

    /** {@link #run(Scheduler, Plan, int, NDArray, Denoiser, NoiseSource, LatentBlend, ObjIntConsumer)} to the end, nothing held. */
    public static NDArray run(
            Scheduler scheduler,
            Plan plan,
            NDArray noisy,
            Denoiser model,
            NoiseSource noise,
            ObjIntConsumer<NDArray> onStep) {
        return run(scheduler, plan, plan.steps(), noisy, model, noise, LatentBlend.NOTHING, onStep);
    }

    /**
     * Runs the first {@code steps} steps of {@code plan}.
     *
     * @param noisy latents at the plan's first level; closed by this
     * @param hold what is done to the latents after each step, the last included, after which they count as clean
     * @param onStep hears the latents and the number of steps done after each step; it keeps none of them
     * @return latents at the level reached, which the caller closes
     * @throws IllegalStateException if latents stop being finite numbers, naming the step
     */
    public static NDArray run(
            Scheduler scheduler,
            Plan plan,
            int steps,
            NDArray noisy,
            Denoiser model,
            NoiseSource noise,
            LatentBlend hold,
            ObjIntConsumer<NDArray> onStep) {
        SamplerState state = SamplerState.start(noisy);
        for (int done = 1; done <= steps; done++) {
            state = step(scheduler, plan, state, model, noise, hold);
            checkFinite(state.latents(), done, steps);
            onStep.accept(state.latents(), done);
        }
        state.history().forEach(NDArray::close);
        return state.latents();
    }

    @SuppressWarnings("try")
    private static SamplerState step(
            Scheduler scheduler, Plan plan, SamplerState before, Denoiser model, NoiseSource noise, LatentBlend hold) {
        SamplerState after;
        try (NDScope scope = new NDScope()) {
            SamplerState moved = scheduler.step(plan, before, model, noise);
            NoiseLevel at = moved.index() == plan.steps() ? NoiseLevel.CLEAN : plan.level(moved.index());
            after = moved.withLatents(hold.apply(moved.latents(), at));
            after.arrays().forEach(NDScope::unregister);
        }
        before.closeAllBut(after);
        return after;
    }

    @SuppressWarnings("try")
    private static void checkFinite(NDArray latents, int done, int steps) {
        try (NDScope scope = new NDScope()) {
            if (!Float.isFinite(latents.sum().getFloat())) {
                throw new IllegalStateException(
                        "the latents are no longer finite numbers after step " + done + " of " + steps
                                + "; try data type float32, a lower guidance scale or more steps, and check the weights");
            }
        }
    }
}
