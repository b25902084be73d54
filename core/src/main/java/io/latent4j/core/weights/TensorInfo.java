package io.latent4j.core.weights;

import ai.djl.ndarray.types.Shape;

/**
 * What a safetensors header says about one tensor.
 *
 * @param type the element type in the file
 * @param shape the tensor's shape; empty for a scalar
 * @param begin position in the file of the first byte
 * @param end position in the file after the last byte, {@code begin} plus elements times element size
 */
public record TensorInfo(StoredType type, Shape shape, long begin, long end) {

    /** Bytes the tensor takes in the file. */
    public long bytes() {
        return end - begin;
    }

    /** Number of elements. */
    public long elements() {
        return bytes() / type.bytes();
    }
}
