package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;

/** How a network is asked and its output read. Everything has the shape of the latents. */
public interface Preconditioning {

    /** What the network is given for latents {@code x} at noise level {@code at}. */
    default NDArray input(NDArray x, NoiseLevel at) {
        return x;
    }

    /** Reads {@code output}, the network's for latents {@code x} at noise level {@code at}. */
    Prediction read(NDArray output, NDArray x, NoiseLevel at);
}
