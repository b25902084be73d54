package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * The steps of one batch, which are reported and may be cancelled.
 *
 * @param steps how many of the plan's are taken
 * @param preview shows clean latents
 */
public record BatchDenoising(
        Scheduler scheduler,
        Plan plan,
        int steps,
        NoiseSource noise,
        Cancellation cancellation,
        StepListener listener,
        Function<NDArray, List<BufferedImage>> preview) {

    /**
     * Takes the steps. A scope is open.
     *
     * @param start latents at the plan's first level, of no scope; closed by this
     * @param hold what is done to the latents after each step
     * @param done receives how many steps are done, after each
     * @param manager owns the result, which is of no scope
     */
    public NDArray run(NDArray start, Denoiser model, LatentBlend hold, IntConsumer done, NDManager manager) {
        Denoiser cancellable = (x, at) -> {
            cancellation.check();
            return model.predict(x, at);
        };
        try (LastGuess guess = new LastGuess(cancellable)) {
            NDArray latents = DenoisingLoop.run(scheduler, plan, steps, start, guess, noise, hold, (x, step) -> {
                listener.onStep(step, plan.level(step), x, () -> preview.apply(guess.x0()));
                guess.close();
                done.accept(step);
            });
            latents.attach(manager);
            NDScope.unregister(latents);
            return latents;
        }
    }
}
