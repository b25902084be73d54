package io.latent4j.lora;

import ai.djl.ndarray.types.Shape;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors a file holds for one layer.
 *
 * @param name the layer as the file calls it
 * @param naming how it names them
 */
record StoredLayer(String name, Optional<LoraNaming> naming, Map<Role, Tensor> tensors) {

    /** A tensor of the file. */
    record Tensor(String key, Shape shape) {}

    StoredLayer {
        tensors = tensors.isEmpty() ? Map.of() : new EnumMap<>(tensors);
    }

    boolean has(Role role) {
        return tensors.containsKey(role);
    }

    /** The tensor of a role that must be there. */
    Tensor tensor(Role role) {
        Tensor tensor = tensors.get(role);
        if (tensor == null) {
            throw new IllegalArgumentException(name + " has "
                    + tensors.values().stream().map(Tensor::key).sorted().toList() + " but no " + role
                    + " tensor; expected all of a layer's tensors");
        }
        return tensor;
    }

    /** {@link #tensor}, which must have two axes at least. */
    Tensor matrix(Role role) {
        Tensor tensor = tensor(role);
        if (tensor.shape().dimension() < 2 || tensor.shape().size() == 0) {
            throw new IllegalArgumentException(
                    tensor.key() + " is " + tensor.shape() + "; expected a matrix of low rank");
        }
        return tensor;
    }

    /** Size of an axis of a matrix. */
    long size(Role role, int axis) {
        return matrix(role).shape().get(axis);
    }

    /** Refuses a tensor that is not of one of the {@code expected} shapes. */
    void check(Role role, Shape... expected) {
        Tensor tensor = tensor(role);
        for (Shape shape : expected) {
            if (tensor.shape().equals(shape)) {
                return;
            }
        }
        throw new IllegalArgumentException(tensor.key() + " is " + tensor.shape() + "; expected " + expected[0]);
    }
}
