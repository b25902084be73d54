package io.latent4j.pipeline.run;

import io.latent4j.core.config.Counted;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.schedulers.Scheduler;

/** Which models, samplers and numbers of steps leave something to reuse from step to step. */
final class CachingCheck {
    private static final int LEAST_STEPS = 10;

    private CachingCheck() {}

    /** @throws IllegalArgumentException if the cache that is asked for is meaningless, saying what to do instead */
    static void check(GenerationRequest request, Model parts, Scheduler scheduler, SamplingPlan plan) {
        StepCaching caching = request.sampling().caching();
        if (!caching.isOn()) {
            return;
        }
        String what = "the cache " + caching.text() + " is asked for";
        int usual = parts.defaults().steps();
        if (usual < LEAST_STEPS) {
            throw new IllegalArgumentException(what + " with " + parts.name() + ", which makes an image in "
                    + Counted.of(usual, "step") + ", of which each goes a long way; expected no cache");
        }
        if (scheduler.fewSteps()) {
            throw new IllegalArgumentException(what + " with a scheduler for models that were distilled to few steps;"
                    + " expected no cache, or another scheduler, dpm++2m for instance");
        }
        int steps = plan.steps().count();
        if (steps < LEAST_STEPS) {
            throw new IllegalArgumentException(what + " in a run of " + Counted.of(steps, "step")
                    + ", which lie too far apart to reuse anything; expected no cache, or " + LEAST_STEPS
                    + " steps or more");
        }
        parts.denoiser().check(caching);
    }

    /** @throws IllegalArgumentException if T-GATE has no step before or after its gate in the first stage of a request */
    static void checkGate(Run run) {
        StepCaching caching = run.request().sampling().caching();
        caching.tGate().ifPresent(gate -> checkGate(run.request(), gate, Stages.steps(run)));
    }

    private static void checkGate(GenerationRequest request, int gate, int taken) {
        if (gate >= taken) {
            throw new IllegalArgumentException("the gate of tgate is after " + Counted.of(gate, "step")
                    + ", and the run takes " + taken + "; expected 1 to " + (taken - 1) + ", or more steps");
        }
        if (request.guidance().start() > 0) {
            throw new IllegalArgumentException(
                    "guidance sets in at " + request.guidance().start()
                            + " of the way, and tgate ends it after " + Counted.of(gate, "step")
                            + "; expected guidance from the start, or no tgate");
        }
    }
}
