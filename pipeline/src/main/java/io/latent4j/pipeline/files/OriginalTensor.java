package io.latent4j.pipeline.files;

import ai.djl.ndarray.types.Shape;
import io.latent4j.pipeline.files.Origin.Form;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor of a single file, and of which weights here it is made.
 *
 * @param weights keys here: one, or those of queries, keys and values, in this order; none for a tensor of zeros
 */
public record OriginalTensor(Shape shape, List<String> weights, Form form) {
    public OriginalTensor {
        weights = List.copyOf(weights);
    }

    /** A tensor of zeros. */
    public static OriginalTensor zeros(Shape shape) {
        return new OriginalTensor(shape, List.of(), Form.SAME);
    }

    static OriginalTensor of(String key, Shape shape, Form form) {
        Shape original = switch (form) {
            case POINTWISE -> new Shape(shape.get(0), shape.get(1), 1, 1);
            case TRANSPOSED -> new Shape(shape.get(1), shape.get(0));
            default -> shape;
        };
        return new OriginalTensor(original, List.of(key), form);
    }

    /** Both as one: queries come before keys, keys before values. */
    OriginalTensor joined(OriginalTensor second) {
        List<String> all = new ArrayList<>(weights);
        int at = 0;
        while (at < all.size() && rank(all.get(at)) < rank(second.weights.get(0))) {
            at++;
        }
        all.addAll(at, second.weights);
        long[] sizes = shape.getShape().clone();
        sizes[0] += second.shape.get(0);
        return new OriginalTensor(new Shape(sizes), all, Form.SAME);
    }

    private static int rank(String key) {
        return key.contains(".q_proj.") ? 0 : key.contains(".k_proj.") ? 1 : 2;
    }
}
