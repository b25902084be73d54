package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.image.Pictures;
import java.awt.image.BufferedImage;

/**
 * What a run works on instead of nothing.
 *
 * @param picture at the size the run works at
 * @param strength the part of the steps that is taken
 */
record Canvas(BufferedImage picture, double strength) {
    private static final double STRENGTH = 0.8;

    static Canvas of(ImageInput image, int width, int height) {
        return new Canvas(
                Pictures.resized(image.picture(), width, height),
                image.strength().orElse(STRENGTH));
    }

    /** (1, 3, H, W) in [-1, 1]. */
    NDArray pixels(NDManager manager) {
        return Pictures.toArray(manager, picture);
    }

    /**
     * How many of a run's steps are left out.
     *
     * @throws IllegalArgumentException if none would be taken
     */
    int skipped(int steps) {
        int taken = (int) (steps * strength);
        if (taken == 0) {
            throw new IllegalArgumentException("strength " + strength + " of " + steps
                    + " steps is less than a step; expected at least " + 1.0 / steps + ", or more steps");
        }
        return steps - taken;
    }
}
