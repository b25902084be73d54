package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/** A layer's tensors in memory, float32. */
record Factors(Map<Role, NDArray> arrays) {

    Factors {
        arrays = Map.copyOf(arrays);
    }

    NDArray get(Role role) {
        return arrays.get(role);
    }

    boolean has(Role role) {
        return arrays.containsKey(role);
    }

    /** The tensor with all axes but the first as one. */
    NDArray rows(Role role) {
        NDArray array = get(role);
        return array.reshape(array.getShape().get(0), -1);
    }
}
