package io.latent4j.pipeline.run;

import io.latent4j.core.config.Counted;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import java.util.OptionalDouble;

/**
 * Which steps a run takes, of all that its scheduler plans.
 *
 * @param size of the latents
 * @param strength the part of the steps that is taken, where the run starts from an image
 * @param range the part of the trajectory, in fractions of the training timesteps
 * @param trainingTimesteps how many there are
 * @param beginsWithin whether a strength that begins within a step takes that step too, as the pipelines of rectified flows
 *     do; else it begins with the next one
 */
public record SamplingPlan(
        Scheduler scheduler,
        Steps steps,
        LatentSize size,
        OptionalDouble strength,
        DenoisingRange range,
        long trainingTimesteps,
        boolean beginsWithin) {

    /** The steps, from the one that the strength or the range begins with, whichever is later. */
    public Plan plan() {
        int skipped = skipped();
        if (range.start() == 0) {
            return scheduler.plan(steps, size, skipped);
        }
        Plan whole = scheduler.plan(steps, size);
        int gone = stepsAbove(whole, range.start());
        return scheduler.plan(steps, size, checkSteps(Math.max(skipped, gone), whole.steps() - gone));
    }

    /** How many stages of the scheduler's plan a strength leaves out. */
    private int skipped() {
        if (strength.isEmpty()) {
            return 0;
        }
        int count = steps.count();
        double share = count * strength.getAsDouble();
        int taken = beginsWithin ? count - (int) (count - share) : (int) share;
        if (taken == 0) {
            throw new IllegalArgumentException("strength " + strength.getAsDouble() + " of " + Counted.of(count, "step")
                    + " is less than a step; expected at least " + 1.0 / count + ", or more steps");
        }
        return scheduler.stageOf(count - taken);
    }

    /** How many steps other models took on the way to a plan's first: a refiner goes on counting where its base ended. */
    public int before(Plan plan) {
        return plan.skipped() - skipped();
    }

    /** How many steps of a plan are taken. */
    public int taken(Plan plan) {
        int taken = range.end() == 1 ? plan.steps() : stepsAbove(plan, range.end());
        return checkSteps(taken, taken);
    }

    private int checkSteps(int value, int steps) {
        if (steps == 0) {
            throw new IllegalArgumentException("the denoising range " + range.start() + " to " + range.end()
                    + " has no step; expected a longer one, or more steps");
        }
        return value;
    }

    /** How many steps begin before {@code share} of the training timesteps lie behind. */
    private int stepsAbove(Plan plan, double share) {
        long timestep = Math.round(trainingTimesteps - share * trainingTimesteps);
        int above = 0;
        while (above < plan.steps() && plan.level(above).timestep() >= timestep) {
            above++;
        }
        return above;
    }
}
