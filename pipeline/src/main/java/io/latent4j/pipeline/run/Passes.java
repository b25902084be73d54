package io.latent4j.pipeline.run;

import io.latent4j.core.nn.Pass;

/** The passes through the UNet in a run. */
@FunctionalInterface
interface Passes {

    /** The pass for a step, counted from 0, of so many; of use until another is asked for. */
    Pass at(int step, int steps);
}
