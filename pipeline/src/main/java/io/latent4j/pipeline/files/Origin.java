package io.latent4j.pipeline.files;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.Checkpoint.View;

/**
 * Where a weight is in the original layout.
 *
 * @param key of the tensor there
 * @param form how it lies in that tensor
 */
public record Origin(String key, Form form) {

    /** How a weight lies in a tensor. */
    public enum Form {
        /** As here. */
        SAME(-1),
        /** As a 1×1 convolution, where it is a matrix here. */
        POINTWISE(-1),
        /** As a matrix with rows and columns exchanged. */
        TRANSPOSED(-1),
        /** As the first third of the rows: the queries of attention. */
        QUERIES(0),
        /** As the second third of the rows. */
        KEYS(1),
        /** As the last third of the rows. */
        VALUES(2);

        private final int third;

        Form(int third) {
            this.third = third;
        }
    }

    /** As it is here. */
    public static Origin same(String key) {
        return new Origin(key, Form.SAME);
    }

    /** The view that has {@code shape}, if the original tensor is as it should be. */
    View view(Shape shape) {
        return new View(key, info -> {
            if (form.third >= 0) {
                long rows = info.shape().get(0) / 3;
                return info.rows(form.third * rows, (form.third + 1) * rows);
            }
            if (form == Form.TRANSPOSED && info.shape().dimension() == 2) {
                return info.transposed();
            }
            boolean pointwise = info.shape().dimension() == 4
                    && info.shape().get(2) == 1
                    && info.shape().get(3) == 1
                    && shape.dimension() == 2;
            return pointwise ? info.withDimensions(2) : info;
        });
    }
}
