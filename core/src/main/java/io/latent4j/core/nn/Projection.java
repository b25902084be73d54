package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;

/** A layer that multiplies by a weight: what an {@link Adapter} can adapt. */
public sealed interface Projection extends Layer permits Linear, Conv2d {

    /**
     * {@code up(down(x))} with this layer's own stride and padding in the first.
     *
     * @param down (rank, in) or (rank, in, k, k)
     * @param up (out, rank) or (out, rank, 1, 1)
     */
    NDArray lowRank(NDArray x, NDArray down, NDArray up);

    /** What this layer would make of {@code x} with another weight of the same shape, and without a bias. */
    NDArray product(NDArray x, NDArray weight);

    /** This layer's own weight, (out, in) or (out, in, k, k). */
    Weight weight();
}
