package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of a file's layer that are one layer of the model, in the model's order. A row is of the weight: one output.
 *
 * @param all how many rows the file's layer has
 * @param ranges one after another
 */
record Rows(long all, List<Range> ranges) {
    /** Tensors with a row for each output; others are for all outputs. */
    private static final Set<Role> BY_OUTPUT =
            Set.of(Role.UP, Role.DORA_SCALE, Role.MAGNITUDE, Role.HADA_W1_A, Role.HADA_W2_A);

    /** From a row to before another. */
    record Range(long from, long to) {}

    Rows {
        ranges = List.copyOf(ranges);
    }

    /** All rows as they are. */
    static Rows all(long rows) {
        return new Rows(rows, List.of(new Range(0, rows)));
    }

    /** The second half of the rows and then the first. */
    static Rows swapped(long rows) {
        return new Rows(rows, List.of(new Range(rows / 2, rows), new Range(0, rows / 2)));
    }

    boolean areAll() {
        return ranges.equals(all(all).ranges);
    }

    private long count() {
        return ranges.stream().mapToLong(range -> range.to - range.from).sum();
    }

    /**
     * The tensors of these rows.
     *
     * @param weight the shape of all rows' weight
     * @throws IllegalArgumentException if the kind of adapter has nothing that is of some rows alone
     */
    StoredLayer of(StoredLayer layer, Shape weight) {
        if (areAll()) {
            return layer;
        }
        boolean columns = Lengths.of(layer, weight) == Lengths.COLUMNS;
        boolean mixed = layer.tensors().keySet().stream()
                .anyMatch(role -> role.name().startsWith("LOKR_") || role == Role.HADA_T1 || role == Role.HADA_T2);
        if (columns || mixed) {
            throw new IllegalArgumentException(layer.name() + " is "
                    + (columns ? "DoRA with lengths of columns" : "LoKr, or LoHa in Tucker's form,")
                    + " of a layer that stands for several here, which cannot be taken apart; expected LoRA, LoHa, or an"
                    + " adapter with the names of diffusers");
        }
        Map<Role, StoredLayer.Tensor> tensors = new HashMap<>(layer.tensors());
        tensors.replaceAll((role, tensor) -> BY_OUTPUT.contains(role)
                ? new StoredLayer.Tensor(
                        tensor.key(), new Shape(count()).addAll(tensor.shape().slice(1)))
                : tensor);
        return new StoredLayer(layer.name(), layer.naming(), tensors);
    }

    /** The arrays of these rows; those that are for all outputs are the same ones. Others belong to the same manager. */
    Map<Role, NDArray> of(Map<Role, NDArray> arrays) {
        if (areAll()) {
            return arrays;
        }
        Map<Role, NDArray> own = new HashMap<>(arrays);
        own.replaceAll((role, array) -> BY_OUTPUT.contains(role) ? of(array) : array);
        return own;
    }

    @SuppressWarnings("try")
    private NDArray of(NDArray array) {
        try (NDScope scope = new NDScope()) {
            List<NDArray> parts = new ArrayList<>();
            ranges.forEach(range -> parts.add(array.get(range.from + ":" + range.to)));
            NDArray rows =
                    parts.size() == 1 ? Ops.contiguous(parts.get(0)).duplicate() : NDArrays.concat(new NDList(parts));
            NDScope.unregister(rows);
            rows.attach(array.getManager());
            return rows;
        }
    }
}
