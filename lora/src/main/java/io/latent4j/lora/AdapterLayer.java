package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A layer's part of an adapter, to be written.
 *
 * @param layer the layer
 * @param factors by role, without alpha
 * @param alpha what the product is multiplied by, times the rank; empty where there is none
 */
record AdapterLayer(LayerNames.Layer layer, Map<Role, NDArray> factors, OptionalDouble alpha) {

    AdapterLayer {
        factors = Map.copyOf(factors);
    }

    LoraPart part() {
        return layer.part();
    }

    /** The layer's name, dotted, as in the checkpoint. */
    String name() {
        return layer.name();
    }
}
