package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A layer's part of an adapter, to be written.
 *
 * @param name of the layer, dotted, as in the checkpoint
 * @param factors by role, without alpha
 * @param alpha what the product is multiplied by, times the rank; empty where there is none
 */
record AdapterLayer(LoraPart part, String name, Map<Role, NDArray> factors, OptionalDouble alpha) {

    AdapterLayer {
        factors = Map.copyOf(factors);
    }
}
