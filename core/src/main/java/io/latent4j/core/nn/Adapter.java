package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;

/** Adds to what some layers of a model compute, without touching their weights: a LoRA, for one. */
@FunctionalInterface
public interface Adapter {

    /**
     * The adapted output of a layer.
     *
     * @param layer the layer, by identity
     * @param x what went into it
     * @param y what came out of it, with the adapters before this one applied
     * @return {@code y} itself where this adapter has nothing for the layer
     */
    NDArray adapt(Projection layer, NDArray x, NDArray y);
}
