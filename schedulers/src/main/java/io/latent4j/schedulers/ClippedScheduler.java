package io.latent4j.schedulers;

import io.latent4j.core.random.NoiseSource;

/**
 * A sampling method that sees every model through a {@link ClippedDenoiser}.
 *
 * @param corrects whether the noise follows from the clipped data
 */
public record ClippedScheduler(Scheduler method, Clipping clipping, boolean corrects) implements Scheduler {

    public ClippedScheduler(Scheduler method, Clipping clipping) {
        this(method, clipping, false);
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        return method.plan(steps, size);
    }

    @Override
    public Plan plan(Steps steps, LatentSize size, int first) {
        return method.plan(steps, size, first);
    }

    @Override
    public int stageOf(int step) {
        return method.stageOf(step);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        return method.step(plan, state, new ClippedDenoiser(model, clipping, corrects), noise);
    }

    @Override
    public boolean fewSteps() {
        return method.fewSteps();
    }

    @Override
    public boolean renoises() {
        return method.renoises() && !corrects;
    }

    @Override
    public ClippedScheduler withEta(double eta) {
        return new ClippedScheduler(method.withEta(eta), clipping, corrects);
    }
}
