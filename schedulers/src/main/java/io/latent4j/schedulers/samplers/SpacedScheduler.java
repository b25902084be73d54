package io.latent4j.schedulers.samplers;

import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.levels.Levels;

/** A method that takes one step from each level to the next, whichever levels it is given, of whatever process. */
interface SpacedScheduler extends Scheduler {

    /** The levels of its runs. */
    Levels levels();

    @Override
    default Plan plan(Steps steps, LatentSize size) {
        return levels().plan(steps, size);
    }
}
