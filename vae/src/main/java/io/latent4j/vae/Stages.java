package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Pass;
import java.util.List;

/** Layers one after the other, of which each frees its input: the peak is one layer's, however many there are. */
record Stages(List<Layer> layers) {

    Stages {
        layers = List.copyOf(layers);
    }

    /** Applies every layer; {@code x} is closed. */
    NDArray forward(Pass pass, NDArray x) {
        NDArray h = x;
        for (Layer layer : layers) {
            NDArray before = h;
            h = scoped(() -> layer.forward(pass, before));
            before.close();
        }
        return h;
    }
}
