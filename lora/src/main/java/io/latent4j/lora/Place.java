package io.latent4j.lora;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.OriginalLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a file's layer belongs: to a layer of the model, or, in the layout of a model's authors, to several.
 *
 * @param weight the shape of the weight that the file's layer changes
 * @param shares what of it each layer gets
 */
record Place(Shape weight, List<Share> shares) {

    /** A layer of the model, and which rows of the file's it has. */
    record Share(LayerNames.Layer layer, Rows rows) {}

    Place {
        shares = List.copyOf(shares);
    }

    /** A layer as the model has it. */
    static Place of(LayerNames.Layer layer) {
        return new Place(
                layer.weight(), List.of(new Share(layer, Rows.all(layer.weight().get(0)))));
    }

    /**
     * A layer of the original layout; empty if it is a norm or the like, or the model has not all that it stands for.
     *
     * @param layers the model's, by name
     */
    static Optional<Place> of(OriginalLayer original, Map<String, LayerNames.Layer> layers) {
        List<LayerNames.Layer> parts = original.parts().stream()
                .map(layers::get)
                .filter(Objects::nonNull)
                .toList();
        if (parts.size() < original.parts().size()) {
            return Optional.empty();
        }
        long all = parts.stream().mapToLong(layer -> layer.weight().get(0)).sum();
        List<Share> shares = new ArrayList<>();
        long from = 0;
        for (LayerNames.Layer layer : parts) {
            long to = from + layer.weight().get(0);
            Rows rows = original.swapped() ? Rows.swapped(all) : new Rows(all, List.of(new Rows.Range(from, to)));
            shares.add(new Share(layer, rows));
            from = to;
        }
        return Optional.of(new Place(new Shape(all).addAll(parts.get(0).weight().slice(1)), shares));
    }

    /**
     * Refuses a layer of a file that does not fit here.
     *
     * @throws IllegalArgumentException naming the key and what was expected
     */
    void check(StoredLayer stored, Delta delta) {
        delta.check(weight);
        Lengths.of(stored, weight);
        shares.forEach(share -> share.rows().of(stored, weight));
    }
}
