package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Counted;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Projection;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * An adapter made of others, or of two models, to be {@link #write written}. Its factors are its own until it is closed.
 */
public final class EditedLora implements AutoCloseable {
    private static final double NOTHING = 1e-9; // a change below this share of the weight is rounding

    private final List<AdapterLayer> layers;
    private final Map<BundledVectors, NDArray> bundled;
    private final List<String> warnings;
    private final double kept;
    private final NDManager manager;

    private EditedLora(Making made) {
        this.layers = List.copyOf(made.layers);
        this.bundled = ImmutableMap.copyOf(made.bundled);
        this.warnings = List.copyOf(made.warnings);
        this.kept = made.squares == 0 ? 1 : 1 - made.lost / made.squares;
        this.manager = made.manager;
    }

    /** Makes layers and counts what they keep of a change. */
    private static final class Making {
        private final NDManager manager;
        private final List<AdapterLayer> layers = new ArrayList<>();
        private final Map<BundledVectors, NDArray> bundled = new LinkedHashMap<>();
        private final List<String> warnings = new ArrayList<>();
        private double squares;
        private double lost;

        Making(NDManager parent) {
            manager = parent.newSubManager();
        }

        static EditedLora run(NDManager parent, Consumer<Making> body) {
            Making making = new Making(parent);
            try {
                body.accept(making);
                if (making.layers.isEmpty()) {
                    throw new IllegalArgumentException(
                            "there is nothing to make an adapter of; expected layers that differ from the model's");
                }
                return new EditedLora(making);
            } catch (RuntimeException | Error e) {
                making.manager.close();
                throw e;
            }
        }

        /** A layer of the nearest factors of a rank, whose alpha is the rank. */
        @SuppressWarnings("try")
        void nearest(LayerNames.Layer layer, int rank, Supplier<NDArray> change) {
            Shape weight = layer.weight();
            try (NDScope scope = new NDScope()) {
                NDArray matrix = change.get().reshape(weight.get(0), -1);
                double all = matrix.square().sum().getFloat();
                double own =
                        layer.projection().weight().numbers().square().sum().getFloat();
                if (all <= NOTHING * NOTHING * own) {
                    return;
                }
                long most = Math.min(matrix.getShape().get(0), matrix.getShape().get(1));
                long size = Math.min(rank, most);
                NDArray factors = Ops.nearestOfRank(matrix, size);
                NDArray up = factors.get(":, :" + weight.get(0)).transpose();
                NDArray down = factors.get(":, " + weight.get(0) + ":");
                squares += all;
                lost += matrix.sub(up.matMul(down)).square().sum().getFloat();
                add(layer, down, up);
            }
        }

        /** Keeps factors of rank r, (r, in · k · k) and (out, r), that are to be multiplied by 1. */
        void add(LayerNames.Layer layer, NDArray down, NDArray up) {
            Shape weight = layer.weight();
            long rank = down.getShape().get(0);
            Shape upShape = new Shape(weight.get(0), rank);
            Map<Role, NDArray> factors = Map.of(
                    Role.DOWN, own(down.reshape(new Shape(rank, weight.get(1)).addAll(weight.slice(2)))),
                    Role.UP, own(up.reshape(weight.dimension() == 2 ? upShape : upShape.add(1, 1))));
            layers.add(new AdapterLayer(layer, factors, OptionalDouble.of((double) rank)));
        }

        /** Takes over the learned words of an adapter, and what was ignored when it was read. */
        void takeOver(Lora lora) {
            warnings.addAll(lora.report().warnings());
            Set<String> known =
                    bundled.keySet().stream().map(BundledVectors::word).collect(Collectors.toSet());
            lora.bundled().forEach((vectors, array) -> {
                if (!known.contains(vectors.word())) {
                    bundled.put(vectors, own(array));
                }
            });
            lora.report().words().stream()
                    .filter(known::contains)
                    .forEach(word -> warnings.add("the learned word " + word + " of the adapter " + lora.name()
                            + " is ignored, as an adapter before it brings one of this name"));
        }

        AdapterLayer copy(AdapterLayer layer) {
            Map<Role, NDArray> factors = new EnumMap<>(Role.class);
            layer.factors().forEach((role, array) -> factors.put(role, own(array)));
            return new AdapterLayer(layer.layer(), factors, layer.alpha());
        }

        private NDArray own(NDArray array) {
            NDArray copy = Ops.contiguous(array).duplicate();
            NDScope.unregister(copy);
            copy.attach(manager);
            return copy;
        }
    }

    /**
     * An adapter that does what several do together. Those of LoRA and LoCon are put side by side, which loses nothing: the
     * ranks add up. Others, and all where a rank is given, become the nearest factors of that rank.
     *
     * @param uses adapters of one model
     * @throws IllegalArgumentException if a rank is needed and none is given
     */
    @SuppressWarnings("try")
    public static EditedLora merged(List<LoraUse> uses, OptionalInt rank, NDManager parent) {
        try (LoraFuser.Closer leases = LoraFuser.leases(uses)) {
            return combined(uses, rank, parent);
        }
    }

    private static EditedLora combined(List<LoraUse> uses, OptionalInt rank, NDManager parent) {
        return Making.run(parent, making -> {
            uses.stream().map(LoraUse::lora).distinct().forEach(making::takeOver);
            Map<Projection, List<LoraFuser.Change>> all = LoraFuser.changes(uses);
            all.values().forEach(changes -> {
                LayerNames.Layer layer = changes.get(0).layer().layer();
                if (rank.isPresent()) {
                    making.nearest(layer, rank.getAsInt(), () -> sum(changes));
                } else {
                    sideBySide(making, layer, changes);
                }
            });
        });
    }

    private static NDArray sum(List<LoraFuser.Change> changes) {
        return changes.stream()
                .map(change -> change.layer().change(change.strength()))
                .reduce(NDArray::add)
                .orElseThrow();
    }

    @SuppressWarnings("try")
    private static void sideBySide(Making making, LayerNames.Layer layer, List<LoraFuser.Change> changes) {
        try (NDScope scope = new NDScope()) {
            List<BoundLayer.Product> products = changes.stream()
                    .map(change -> change.layer()
                            .product(change.strength())
                            .orElseThrow(() -> new IllegalArgumentException(layer.name() + " is "
                                    + change.layer().kind()
                                    + ", which cannot be put side by side with others;"
                                    + " expected a rank to bring all to")))
                    .toList();
            NDArray down = products.stream()
                    .map(BoundLayer.Product::down)
                    .reduce((a, b) -> a.concat(b, 0))
                    .orElseThrow();
            NDArray up = products.stream()
                    .map(BoundLayer.Product::up)
                    .reduce((a, b) -> a.concat(b, 1))
                    .orElseThrow();
            making.add(layer, down, up);
        }
    }

    /** An adapter's nearest of another rank, of any kind; DoRA's lengths are worked in. */
    public static EditedLora resized(Lora lora, int rank, NDManager parent) {
        return merged(List.of(lora.at(1)), OptionalInt.of(rank), parent);
    }

    /**
     * What was learned between two models, as an adapter of the first.
     *
     * @param model the parts of the first, with weights
     * @param tuned the parts of the other, of the same layers
     * @throws IllegalArgumentException if their layers are not the same
     * @see #warnings() for what of it an adapter cannot hold
     */
    public static EditedLora extracted(AdaptableModel model, AdaptableModel tuned, int rank, NDManager parent) {
        return Making.run(
                parent,
                making -> model.parts().keySet().forEach(part -> {
                    outsideOfLayers(part, model, tuned).ifPresent(making.warnings::add);
                    Map<String, LayerNames.Layer> own = LayerNames.of(part, model);
                    Map<String, LayerNames.Layer> other = LayerNames.of(part, tuned);
                    own.forEach((name, layer) -> {
                        LayerNames.Layer after = other.get(name);
                        if (after == null || !after.weight().equals(layer.weight())) {
                            throw new IllegalArgumentException("the " + part.title() + " has a layer " + name + " "
                                    + layer.weight() + ", the other model "
                                    + (after == null ? "none" : after.weight())
                                    + "; expected two models of one kind");
                        }
                        making.nearest(layer, rank, () -> weight(after).sub(weight(layer)));
                    });
                }));
    }

    /** A warning of the weights that differ and that no adapter can hold: biases, norms, embeddings. */
    @SuppressWarnings("try")
    private static Optional<String> outsideOfLayers(LoraPart part, AdaptableModel model, AdaptableModel tuned) {
        Set<String> held = LayerNames.of(part, model).keySet().stream()
                .map(name -> name + ".weight")
                .collect(Collectors.toSet());
        Optional<NamedBlock> after = tuned.part(part);
        if (after.isEmpty()) {
            return Optional.empty(); // which is an error for its layers
        }
        Map<String, NDArray> others = new HashMap<>();
        after.get()
                .getParameters()
                .forEach(entry -> others.put(entry.getKey(), entry.getValue().getArray()));
        List<String> different = new ArrayList<>();
        for (Pair<String, Parameter> entry : model.parts().get(part).getParameters()) {
            NDArray other = others.get(entry.getKey());
            if (held.contains(entry.getKey()) || other == null) {
                continue;
            }
            try (NDScope scope = new NDScope()) {
                NDArray own = entry.getValue().getArray();
                boolean same = own.getShape().equals(other.getShape())
                        && Ops.cast(own, DataType.FLOAT32).contentEquals(Ops.cast(other, DataType.FLOAT32));
                if (!same) {
                    different.add(entry.getKey());
                }
            }
        }
        return different.isEmpty()
                ? Optional.empty()
                : Optional.of("the " + part.title() + "s differ in " + Counted.of(different.size(), "tensor")
                        + " that no adapter can hold, "
                        + different.get(0) + " for instance; "
                        + (different.size() == 1 ? "it is ignored" : "they are ignored"));
    }

    private static NDArray weight(LayerNames.Layer layer) {
        return layer.projection().weight().numbers();
    }

    /** An adapter with its factors as they are, for another naming. */
    @SuppressWarnings("try")
    public static EditedLora of(Lora lora, NDManager parent) {
        try (Leases.Lease lease = lora.lease()) {
            return Making.run(parent, making -> {
                making.takeOver(lora);
                for (LoraPart part : LoraPart.values()) {
                    lora.layers(part).forEach(layer -> making.layers.add(making.copy(TrainableLora.written(layer))));
                }
            });
        }
    }

    /** How much of the changes' squares is kept, 0 to 1. */
    public double kept() {
        return kept;
    }

    /** A sentence for each thing that is not in it though it was in what it was made of. */
    public List<String> warnings() {
        return warnings;
    }

    /** How many layers it changes. */
    public int size() {
        return layers.size();
    }

    /**
     * Writes a file that {@link Lora#load} reads.
     *
     * @param metadata for the header
     * @throws IllegalArgumentException if the naming has no words for a layer's kind
     */
    public void write(Path file, LoraNaming naming, Map<String, String> metadata, StoredType type) throws IOException {
        Map<String, String> header = new TreeMap<>(metadata);
        layers.stream()
                .filter(layer -> layer.factors().containsKey(Role.DOWN))
                .mapToLong(layer -> layer.factors().get(Role.DOWN).getShape().get(0))
                .max()
                .ifPresent(rank -> header.put("ss_network_dim", String.valueOf(rank)));
        LoraWriter.write(file, layers, bundled, naming, header, type);
    }

    @Override
    public void close() {
        manager.close();
    }
}
