package io.latent4j.conformance;

import java.io.IOException;

/** Runs one case and compares what comes of it. */
@FunctionalInterface
interface Replay {

    /**
     * Runs the case; leaves no arrays behind.
     *
     * @throws NotCovered if latent4j does not do what the case asks for
     */
    void run(Workbench bench, Comparison comparison) throws IOException;
}
