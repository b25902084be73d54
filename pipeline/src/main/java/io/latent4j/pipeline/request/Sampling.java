package io.latent4j.pipeline.request;

import io.latent4j.schedulers.Steps;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How noise becomes latents.
 *
 * @param scheduler the sampling method by name, {@code "euler a"} for instance; the model's own if empty
 * @param steps denoising steps, 1 to the number of the model's training steps, or the timesteps or noise levels to visit;
 *     the model's default if empty
 * @param eta the share of fresh noise in the steps of methods that have it, 0 to 1; the method's default if empty
 * @param range the part of the denoising trajectory that is run
 * @param caching what steps reuse of earlier ones
 */
public record Sampling(
        Optional<String> scheduler,
        Optional<Steps> steps,
        OptionalDouble eta,
        DenoisingRange range,
        StepCaching caching) {
    /** The model's own method and steps, over the whole trajectory. */
    public static final Sampling DEFAULT = new Sampling(
            Optional.empty(), Optional.empty(), OptionalDouble.empty(), DenoisingRange.ALL, StepCaching.NONE);

    public Sampling {
        Objects.requireNonNull(scheduler, "scheduler");
        Objects.requireNonNull(range, "range");
        Objects.requireNonNull(caching, "caching");
        steps.ifPresent(s -> Checks.check(s.count() > 0, "steps", s.count(), "1 or more"));
        eta.ifPresent(e -> Checks.check(e >= 0 && e <= 1, "eta", e, "0 to 1"));
    }

    /** This with the method of this name. */
    public Sampling withScheduler(String scheduler) {
        return new Sampling(Optional.of(scheduler), steps, eta, range, caching);
    }

    /** This with these steps. */
    public Sampling withSteps(Steps steps) {
        return new Sampling(scheduler, Optional.of(steps), eta, range, caching);
    }

    /** This with this share of fresh noise; 0 is none. */
    public Sampling withEta(double eta) {
        return new Sampling(scheduler, steps, OptionalDouble.of(eta), range, caching);
    }

    /** This over a part of the trajectory. */
    public Sampling withRange(DenoisingRange range) {
        return new Sampling(scheduler, steps, eta, range, caching);
    }

    /** This with this reuse of what earlier steps computed. */
    public Sampling withCaching(StepCaching caching) {
        return new Sampling(scheduler, steps, eta, range, caching);
    }
}
