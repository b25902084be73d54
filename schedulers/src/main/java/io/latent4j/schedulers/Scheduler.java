package io.latent4j.schedulers;

import io.latent4j.core.random.NoiseSource;

/** A sampling method: which noise levels to visit, and how to go from one to the next. Immutable. */
public interface Scheduler {

    /**
     * Plans a run.
     *
     * @param size of the latents that the run is for: models of some kinds have more noise at the levels of large images
     * @throws IllegalArgumentException if {@code steps} is a number below 1 or above what the method can place on the
     *     schedule, or a list of what the method cannot visit
     */
    Plan plan(Steps steps, LatentSize size);

    /**
     * Plans a run for latents of any size.
     *
     * @throws IllegalArgumentException as {@link #plan(Steps, LatentSize)}, and if the levels depend on the size
     */
    default Plan plan(Steps steps) {
        return plan(steps, LatentSize.UNTOLD);
    }

    /**
     * Plans a run of {@code steps} steps, spaced as the reference implementation spaces them for this method, for latents of
     * any size.
     *
     * @throws IllegalArgumentException as {@link #plan(Steps)}
     */
    default Plan plan(int steps) {
        return plan(Steps.of(steps));
    }

    /**
     * Plans a run without its first {@code first} stages, to start from an image noised to {@code level(0)} of the
     * result: the level of stage {@code first} of the whole run.
     */
    default Plan plan(Steps steps, LatentSize size, int first) {
        return plan(steps, size).startingAt(first);
    }

    /**
     * The stage of a run at which its step number {@code step} begins, from 0 and as a user counts them: another number
     * where steps at the beginning are of several stages.
     */
    default int stageOf(int step) {
        return step;
    }

    /**
     * Takes step {@code state.index()} of the plan. Arrays of {@code state} may live on in the result; intermediate
     * ones are left to the caller's scope.
     */
    SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise);

    /**
     * Whether a step does no more than mix the predicted clean data with the predicted noise, and fresh noise perhaps: then
     * other noise than the latents' own may be put in its place, as CFG++ does.
     */
    default boolean renoises() {
        return false;
    }

    /** Whether it is for models that were distilled to few steps, each of which goes a long way. */
    default boolean fewSteps() {
        return false;
    }

    /**
     * This method with {@code eta}, its share of fresh noise, from 0 to 1.
     *
     * @throws IllegalArgumentException if the method has no such parameter
     */
    default Scheduler withEta(double eta) {
        throw new IllegalArgumentException("eta is " + eta + "; the method adds no fresh noise");
    }
}
