package io.latent4j.pipeline.files;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * A part of a model in a single file.
 *
 * @param shapes by the keys of the part
 * @param origins where the weight of each key is in the file
 */
public record PartLayout(Map<String, Shape> shapes, Function<String, Origin> origins) {
    public PartLayout {
        shapes = ImmutableMap.copyOf(shapes);
    }

    /** The tensors of the file, by their keys there, and of which weights each is made. */
    Map<String, OriginalTensor> tensors() {
        Map<String, OriginalTensor> tensors = new LinkedHashMap<>();
        shapes.forEach((key, shape) -> {
            Origin origin = origins.apply(key);
            tensors.merge(origin.key(), OriginalTensor.of(key, shape, origin.form()), OriginalTensor::joined);
        });
        return tensors;
    }
}
