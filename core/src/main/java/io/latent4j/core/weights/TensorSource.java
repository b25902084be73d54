package io.latent4j.core.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;

/**
 * A tensor that is made when it is written.
 *
 * @param type what it is stored as
 * @param reader makes it
 */
public record TensorSource(Shape shape, StoredType type, Reader reader) {

    /** Makes a tensor. */
    @FunctionalInterface
    public interface Reader {

        /**
         * Makes it of the shape promised, in {@link StoredType#dataType()} of the type.
         *
         * @param manager owns it and all else that is made here, and is closed when it is written
         */
        NDArray read(NDManager manager) throws IOException;
    }
}
