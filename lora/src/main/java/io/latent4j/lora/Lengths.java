package io.latent4j.lora;

import ai.djl.ndarray.types.Shape;
import java.util.Locale;

/** Of which vectors of a weight DoRA sets the lengths. */
enum Lengths {
    NONE,
    /** Of each output's, over all other axes. */
    ROWS,
    /** Of each input's. */
    COLUMNS;

    /** What is said of it: rows, for instance. */
    String words() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * What a layer's tensors set the lengths of; for a square weight the shape of the lengths decides.
     *
     * @throws IllegalArgumentException if they are not one a row or one a column
     */
    static Lengths of(StoredLayer layer, Shape weight) {
        if (layer.has(Role.MAGNITUDE)) {
            return rows(layer.tensor(Role.MAGNITUDE), weight);
        }
        if (!layer.has(Role.DORA_SCALE)) {
            return NONE;
        }
        StoredLayer.Tensor lengths = layer.tensor(Role.DORA_SCALE);
        Shape shape = lengths.shape();
        boolean lying = shape.dimension() > 1 && shape.get(0) == 1 && shape.get(1) == weight.get(1);
        return lying && shape.size() == weight.get(1) && weight.get(0) != 1 ? COLUMNS : rows(lengths, weight);
    }

    private static Lengths rows(StoredLayer.Tensor lengths, Shape weight) {
        if (lengths.shape().size() != weight.get(0)) {
            throw new IllegalArgumentException(lengths.key() + " is " + lengths.shape() + "; expected ("
                    + weight.get(0) + ", 1), a length for each output, or (1, " + weight.get(1)
                    + "), one for each input");
        }
        return ROWS;
    }
}
