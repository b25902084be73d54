package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;

/** A function of one array. */
@FunctionalInterface
public interface Layer {

    /** Applies the layer; the result is a new array, or {@code x} itself where the layer changes nothing. */
    NDArray forward(Pass pass, NDArray x);
}
