package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.memory.ResourceClosedException;
import io.latent4j.core.nn.Adapter;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Projection;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * An adapter file's weights, bound to the layers of a model, which they leave as they are: LoRA, LoCon, LoHa, LoKr, and each
 * of them with DoRA. Any number of threads may use it; {@link #close} ends runs that use its weights, waits for them, and frees the weights.
 * Afterwards each use is an IllegalStateException. What was made before, a pass with adapters or a written file, stays of
 * use.
 *
 * <p>In memory are the factors, in float32. What a strength makes of them is made for each {@link #adapter}.
 */
public final class Lora implements AutoCloseable {
    private final String name;
    private final LoraReport report;
    private final AdaptableModel model;
    private final Map<LoraPart, List<BoundLayer>> layers;
    private final Map<BundledVectors, NDArray> bundled;
    private final NDManager manager;
    private final Leases leases;

    Lora(
            LoraReport report,
            AdaptableModel model,
            Map<LoraPart, List<BoundLayer>> layers,
            Map<BundledVectors, NDArray> bundled,
            NDManager manager) {
        this.name = stem(report.file());
        this.report = report;
        this.model = model;
        this.layers = layers;
        this.bundled = ImmutableMap.copyOf(bundled);
        this.manager = manager;
        this.leases = new Leases("the adapter " + name);
    }

    /** A file's name without its ending. */
    static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.replaceFirst("\\.(safetensors|bin|pt|pth|ckpt)$", "");
    }

    /**
     * Reads a file and binds it to a model. Layers that the model has not are ignored and {@link #report reported}. Its
     * arrays are not of a scope that is open.
     *
     * @param model the parts there are, their weights loaded
     * @param parent stands above the manager of this adapter's weights
     * @throws IOException if the file is damaged or holds no adapter that is supported: see {@link LoraFile#read}
     * @throws IllegalArgumentException if the model has none of the file's layers, or one of another shape
     */
    @SuppressWarnings("try")
    public static Lora load(Path file, AdaptableModel model, NDManager parent) throws IOException {
        try (Checkpoint tensors = Checkpoint.open(file)) {
            LoraFile stored = LoraFile.of(tensors);
            List<String> unmatched = new ArrayList<>();
            Map<StoredLayer, Place> places = places(stored, model, unmatched);
            NDManager manager = parent.newSubManager();
            try (NDScope scope = new NDScope()) {
                Map<LoraPart, List<BoundLayer>> layers = new EnumMap<>(LoraPart.class);
                for (Map.Entry<StoredLayer, Place> place : places.entrySet()) {
                    for (BoundLayer bound : bind(tensors, stored, place.getKey(), place.getValue(), manager)) {
                        layers.computeIfAbsent(bound.layer().part(), part -> new ArrayList<>())
                                .add(bound);
                    }
                }
                Map<BundledVectors, NDArray> bundled = new LinkedHashMap<>();
                for (BundledVectors vectors : stored.bundled()) {
                    bundled.put(vectors, finite(tensors, stored, vectors.key(), manager));
                }
                return new Lora(
                        stored.report(model.origin()).withUnmatched(unmatched), model, layers, bundled, manager);
            } catch (IOException | RuntimeException | Error e) {
                manager.close();
                throw e;
            }
        }
    }

    /**
     * What is in a file, and what of it a model has no place for, without reading its weights.
     *
     * @param model the parts there are, which need no weights
     * @throws IOException as {@link #load}
     * @throws IllegalArgumentException as {@link #load}
     */
    public static LoraReport report(Path file, AdaptableModel model) throws IOException {
        LoraFile stored = LoraFile.read(file);
        List<String> unmatched = new ArrayList<>();
        places(stored, model, unmatched);
        return stored.report(model.origin()).withUnmatched(unmatched);
    }

    private static Map<StoredLayer, Place> places(LoraFile file, AdaptableModel model, List<String> unmatched) {
        LayerNames names = new LayerNames(model);
        Map<StoredLayer, Place> places = new LinkedHashMap<>();
        List<String> misfits = new ArrayList<>();
        Set<Projection> taken = new HashSet<>();
        for (StoredLayer stored : file.layers()) {
            Optional<Place> place = names.find(stored.name());
            if (place.isEmpty()) {
                unmatched.add(stored.name());
                continue;
            }
            try {
                place.get().check(stored, file.delta(stored));
                places.put(stored, place.get());
            } catch (IllegalArgumentException e) {
                misfits.add(e.getMessage());
            }
            place.get().shares().stream()
                    .map(Place.Share::layer)
                    .filter(layer -> !taken.add(layer.projection()))
                    .forEach(layer ->
                            misfits.add(stored.name() + " is a second adapter of " + layer.name() + "; expected one"));
        }
        String madeFor = file.madeFor(model.origin())
                .map(family -> "; it was made for " + family)
                .orElse("");
        if (!misfits.isEmpty()) {
            throw new IllegalArgumentException(file.path() + ": does not fit the model: " + LoraFile.shown(misfits)
                    + madeFor + "; use it with the model it was made for");
        }
        if (places.isEmpty()) {
            throw new IllegalArgumentException(file.path() + ": the model has none of its layers, "
                    + LoraFile.shown(unmatched) + "; expected layers such as " + names.example() + madeFor
                    + "; use it with the model it was made for");
        }
        return places;
    }

    private static List<BoundLayer> bind(
            Checkpoint tensors, LoraFile file, StoredLayer stored, Place place, NDManager manager) throws IOException {
        Map<Role, NDArray> arrays = new HashMap<>();
        for (Map.Entry<Role, StoredLayer.Tensor> entry : stored.tensors().entrySet()) {
            if (entry.getKey() != Role.ALPHA) {
                String key = entry.getValue().key();
                arrays.put(entry.getKey(), finite(tensors, file, key, manager));
            }
        }
        List<BoundLayer> bound = new ArrayList<>();
        for (Place.Share share : place.shares()) {
            StoredLayer own = share.rows().of(stored, place.weight());
            bound.add(new BoundLayer(
                    share.layer(),
                    Delta.of(own),
                    Lengths.of(own, share.layer().weight()),
                    new Factors(share.rows().of(arrays)),
                    file.factor(stored)));
        }
        Set<NDArray> used = Collections.newSetFromMap(new IdentityHashMap<>());
        bound.forEach(layer -> used.addAll(layer.factors().arrays().values()));
        arrays.values().stream().filter(array -> !used.contains(array)).forEach(NDArray::close); // copied row by row
        return bound;
    }

    /** A tensor of finite numbers, which no open scope closes. */
    private static NDArray finite(Checkpoint tensors, LoraFile file, String key, NDManager manager) throws IOException {
        NDArray array = tensors.read(key, manager, DataType.FLOAT32);
        NDScope.unregister(array);
        if (array.size() > 0) {
            try (NDArray sizes = array.abs();
                    NDArray largest = sizes.max()) {
                if (!Float.isFinite(largest.getFloat())) {
                    throw new IOException(file.path() + ": " + key
                            + " holds numbers that are infinite or not a number; expected finite ones; "
                            + "the file is damaged, or its training diverged");
                }
            }
        }
        return array;
    }

    /** What to call it: its file's name without the ending. */
    public String name() {
        return name;
    }

    /** What was in the file, and what the model had no place for. */
    public LoraReport report() {
        return report;
    }

    /** Whether {@code block} is among the parts of the model this is bound to. */
    public boolean isFor(NamedBlock block) {
        return model.parts().containsValue(block);
    }

    /** This adapter at one strength everywhere: 0 is the model as it is, 1 the adapter as it was trained. */
    public LoraUse at(double strength) {
        return new LoraUse(this, strength, strength);
    }

    /** This adapter at a strength for the UNet and another for the text encoders. */
    public LoraUse at(double unetStrength, double textStrength) {
        return new LoraUse(this, unetStrength, textStrength);
    }

    /**
     * This adapter of one part of the model, to be given to a {@link io.latent4j.core.nn.Pass}.
     *
     * @param manager owns the arrays that are made for this strength; the adapter is of use until it closes
     * @return nothing where all strengths are 0 or the file has nothing for that part
     * @throws IllegalStateException if this is closed
     */
    @SuppressWarnings("try")
    Optional<Adapter> adapter(LoraPart part, LoraUse use, NDManager manager) {
        Map<Projection, UnaryOperator<NDArray>> shares = new HashMap<>();
        try (Leases.Lease lease = lease()) {
            for (BoundLayer layer : layers(part)) {
                double strength = use.strength(part, layer.layer().name());
                if (strength != 0) {
                    shares.put(layer.projection(), layer.share(strength, manager));
                }
            }
        }
        if (shares.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of((layer, x, y) -> {
            UnaryOperator<NDArray> share = shares.get(layer);
            if (share == null) {
                return y;
            }
            try (NDArray added = share.apply(x)) {
                return y.addi(added);
            }
        });
    }

    /** How often what is for the text encoders was changed: {@link ParameterOps#version}. A file's is never. */
    @SuppressWarnings("try")
    public long textVersion() {
        try (Leases.Lease lease = lease()) {
            return ParameterOps.version(layers.entrySet().stream()
                    .filter(part -> part.getKey() != LoraPart.UNET)
                    .flatMap(part -> part.getValue().stream())
                    .flatMap(layer -> layer.factors().arrays().values().stream())
                    .toList());
        }
    }

    /**
     * The learned words (textual inversion) that the file brings: for each its vectors by the name of the text encoder that
     * they are for, {@code clip_l} or {@code clip_g}, or by {@code string_to_param.*} or {@code emb_params} where there is
     * one.
     *
     * @param manager owns the vectors, (count, width) or (width), float32
     */
    @SuppressWarnings("try")
    public Map<String, Map<String, NDArray>> words(NDManager manager) {
        Map<String, Map<String, NDArray>> words = new LinkedHashMap<>();
        try (Leases.Lease lease = lease()) {
            bundled.forEach((vectors, array) -> words.computeIfAbsent(vectors.word(), word -> new LinkedHashMap<>())
                    .put(vectors.kind(), copy(array, manager)));
        }
        return words;
    }

    private static NDArray copy(NDArray array, NDManager manager) {
        NDArray copy = array.duplicate();
        NDScope.unregister(copy);
        copy.attach(manager);
        return copy;
    }

    /** The tensors of learned words, which belong to this. */
    Map<BundledVectors, NDArray> bundled() {
        return bundled;
    }

    /**
     * A use of the weights, until it is closed; pipelines hold one for each run.
     *
     * @throws ResourceClosedException if this is closed, or the manager that it was loaded below
     */
    public Leases.Lease lease() {
        Leases.Lease lease = leases.lease();
        if (!manager.isOpen()) {
            lease.close();
            throw new ResourceClosedException("the model of the adapter " + name
                    + " is closed; expected it open; close the adapter first, and its model after that");
        }
        return lease;
    }

    List<BoundLayer> layers(LoraPart part) {
        return layers.getOrDefault(part, List.of());
    }

    /**
     * Ends the runs that use the weights at their next step, waits for them, and frees the weights.
     *
     * @throws IllegalStateException if it is this thread that is making something of them
     */
    @Override
    public void close() {
        leases.close(manager::close);
    }

    @Override
    public String toString() {
        return "LoRA " + name;
    }
}
