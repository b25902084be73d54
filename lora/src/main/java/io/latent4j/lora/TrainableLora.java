package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.gson.JsonObject;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.Adapter;
import io.latent4j.core.nn.Projection;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;

/**
 * A new adapter of a model, whose factors are to be trained; the model's weights need no gradient and get none. It begins
 * by changing nothing.
 */
public final class TrainableLora implements AutoCloseable {
    private static final double SAME = 1e-3; // as alphas are stored in 16 bits by some

    private final LoraDesign design;
    private final List<BoundLayer> layers;
    private final Lora lora;

    private TrainableLora(LoraDesign design, List<BoundLayer> layers, Lora lora) {
        this.design = design;
        this.layers = layers;
        this.lora = lora;
    }

    /**
     * A new adapter of the layers that a design names. Its factors are not of a scope that is open.
     *
     * @param name what to call it
     * @param model the parts there are, their weights loaded
     * @param parent stands above the manager of its factors, which are float32
     * @throws IllegalArgumentException if a pattern fits no layer, or the algorithm not the layers
     */
    @SuppressWarnings("try")
    public static TrainableLora create(
            String name, LoraDesign design, AdaptableModel model, long seed, NDManager parent) {
        NDManager manager = parent.newSubManager();
        try (NDScope scope = new NDScope()) {
            List<BoundLayer> layers = new ArrayList<>();
            for (LoraPart part : LoraPart.values()) {
                List<String> targets = design.targets().getOrDefault(part, List.of());
                if (!targets.isEmpty() && model.part(part).isPresent()) {
                    targets(part, model, targets)
                            .forEach(layer -> layers.add(NewLayer.of(layer, design, seed, manager)));
                }
            }
            layers.forEach(layer -> layer.factors().arrays().values().forEach(NDScope::unregister));
            return new TrainableLora(design, layers, lora(name, model, layers, manager));
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    private static Collection<LayerNames.Layer> targets(LoraPart part, AdaptableModel model, List<String> targets) {
        Map<String, LayerNames.Layer> all = LayerNames.of(part, model);
        Map<String, LayerNames.Layer> found = new TreeMap<>();
        for (String target : targets) {
            Pattern pattern = LoraDesign.pattern(target);
            Map<String, LayerNames.Layer> fitting = new TreeMap<>(all);
            fitting.keySet().removeIf(name -> !pattern.matcher(name).matches());
            if (fitting.isEmpty()) {
                throw new IllegalArgumentException("the target " + target + " fits no layer of the " + part.title()
                        + "; it has " + LoraFile.shown(List.copyOf(all.keySet())));
            }
            found.putAll(fitting);
        }
        return found.values();
    }

    private static Lora lora(String name, AdaptableModel model, List<BoundLayer> layers, NDManager manager) {
        Map<LoraPart, List<BoundLayer>> parts = new EnumMap<>(LoraPart.class);
        layers.forEach(layer -> parts.computeIfAbsent(layer.layer().part(), part -> new ArrayList<>())
                .add(layer));
        Map<String, Integer> kinds = new TreeMap<>();
        layers.forEach(layer -> kinds.merge(layer.kind(), 1, Integer::sum));
        LoraReport report = new LoraReport(
                Path.of(name + ".safetensors"),
                List.of(LoraNaming.KOHYA),
                kinds,
                layers.stream()
                        .flatMapToLong(layer -> layer.delta().rank().stream())
                        .distinct()
                        .sorted()
                        .boxed()
                        .toList(),
                List.of(),
                layers.size(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Map.of());
        return new Lora(report, model, parts, Map.of(), manager);
    }

    /**
     * Takes over the factors of an adapter that is there, in whatever naming, in place of those it begins with.
     *
     * @param model the parts there are, as for {@link #create}
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if it is not of the same layers, kind, rank and alpha, saying what differs
     */
    public void goOnFrom(Path file, AdaptableModel model, NDManager parent) throws IOException {
        try (Lora stored = Lora.load(file, model, parent)) {
            Map<Projection, BoundLayer> found = new HashMap<>();
            for (LoraPart part : LoraPart.values()) {
                stored.layers(part).forEach(layer -> found.put(layer.projection(), layer));
            }
            Map<Projection, BoundLayer> rest = new HashMap<>(found);
            List<String> problems = new ArrayList<>();
            stored.report().unmatched().forEach(name -> problems.add(name + " is a layer that the model has not"));
            layers.forEach(layer -> difference(layer, Optional.ofNullable(rest.remove(layer.projection())))
                    .ifPresent(problems::add));
            rest.values().forEach(layer -> problems.add(layer.layer().name() + " is no target of the run"));
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException(file + ": cannot be gone on from: " + LoraFile.shown(problems)
                        + "; expected the algorithm, rank, alpha, factor and targets that the run has");
            }
            layers.forEach(layer -> copy(found.get(layer.projection()), layer));
        }
    }

    private static Optional<String> difference(BoundLayer own, Optional<BoundLayer> stored) {
        String name = own.layer().name();
        if (stored.isEmpty()) {
            return Optional.of(name + " is not in it");
        }
        BoundLayer other = stored.get();
        if (!other.kind().equals(own.kind())) {
            return Optional.of(name + " is " + other.kind() + ", in the run " + own.kind());
        }
        if (other.lengths() != own.lengths()) {
            return Optional.of(name + " has DoRA lengths of the weight's "
                    + other.lengths().words() + ", in the run of its "
                    + own.lengths().words());
        }
        if (!other.delta().rank().equals(own.delta().rank())) {
            return Optional.of(name + " has rank " + other.delta().rank().orElse(0) + ", in the run "
                    + own.delta().rank().orElse(0));
        }
        if (Math.abs(other.factor() - own.factor()) > SAME * own.factor()) {
            return Optional.of(name + " is multiplied by " + other.factor() + ", in the run by " + own.factor());
        }
        boolean same = other.factors().arrays().size() == own.factors().arrays().size()
                && own.factors().arrays().entrySet().stream()
                        .allMatch(each -> counterpart(each.getKey(), other)
                                .filter(array -> array.size() == each.getValue().size())
                                .isPresent());
        return same ? Optional.empty() : Optional.of(name + " is put together of other factors than in the run");
    }

    /** The factor of {@code stored} that does what {@code role} does here: DoRA's lengths have two names. */
    private static Optional<NDArray> counterpart(Role role, BoundLayer stored) {
        Role same = role == Role.DORA_SCALE && stored.factors().has(Role.MAGNITUDE) ? Role.MAGNITUDE : role;
        return Optional.ofNullable(stored.factors().get(same));
    }

    @SuppressWarnings("try")
    private static void copy(BoundLayer from, BoundLayer into) {
        try (NDScope scope = new NDScope()) {
            into.factors()
                    .arrays()
                    .forEach((role, array) -> ParameterOps.copy(
                            List.of(array),
                            List.of(counterpart(role, from).orElseThrow().reshape(array.getShape()))));
        }
    }

    /**
     * An array that is trained.
     *
     * @param layer the name of the layer it is for
     * @param isUp whether it is what a product of low rank begins with, and is 0 at first
     */
    public record Factor(LoraPart part, String layer, boolean isUp, NDArray array) {}

    /** What is trained, by the names that it has in a file of kohya's naming. */
    public Map<String, Factor> factors() {
        ImmutableMap.Builder<String, Factor> factors = ImmutableMap.builder();
        for (BoundLayer layer : layers) {
            String name = LoraWriter.stored(layer.layer(), LoraNaming.KOHYA);
            new TreeMap<>(layer.factors().arrays())
                    .forEach((role, array) -> factors.put(
                            name + LoraKey.kohyaEnding(role),
                            new Factor(layer.layer().part(), layer.layer().name(), role == Role.UP, array)));
        }
        return factors.buildOrThrow();
    }

    /** The arrays of {@link #factors}. */
    public Map<String, NDArray> arrays() {
        return ImmutableMap.copyOf(Maps.transformValues(factors(), Factor::array));
    }

    /** How many layers it changes. */
    public int size() {
        return layers.size();
    }

    /** Whether it changes convolutions with kernels larger than a pixel. */
    public boolean adaptsKernels() {
        return layers.stream().anyMatch(layer -> layer.layer().hasKernel());
    }

    /** This adapter as requests take it; what it does follows the factors. Closing it closes this. */
    public Lora lora() {
        return lora;
    }

    /**
     * This adapter at full strength for a pass whose operators are recorded, so that the factors get gradients.
     *
     * @param dropout the share of ranks, or of outputs for kinds other than LoRA and LoCon, that are switched off; the
     *     others are multiplied so that the mean stays
     * @param uniform numbers in [0, 1) to draw them by
     */
    @SuppressWarnings("try")
    public Adapter recorded(double dropout, DoubleSupplier uniform) {
        Map<Projection, BoundLayer> bound = new HashMap<>();
        Map<Projection, float[]> masks = new HashMap<>();
        for (BoundLayer layer : layers) {
            bound.put(layer.projection(), layer);
            if (dropout > 0) {
                masks.put(layer.projection(), mask(layer.widthOfDropout(), dropout, uniform));
            }
        }
        return (layer, x, y) -> {
            if (!bound.containsKey(layer)) {
                return y;
            }
            try (Leases.Lease lease = lora.lease()) {
                return y.add(bound.get(layer).recorded(x, Optional.ofNullable(masks.get(layer))));
            }
        };
    }

    private static float[] mask(int size, double dropout, DoubleSupplier uniform) {
        float[] mask = new float[size];
        for (int i = 0; i < size; i++) {
            mask[i] = uniform.getAsDouble() < dropout ? 0 : (float) (1 / (1 - dropout));
        }
        return mask;
    }

    /**
     * Writes a file that {@link Lora#load} reads, with what other programs look for in its header.
     *
     * @param metadata more for the header
     * @throws IllegalArgumentException if the naming has no words for this kind of adapter
     */
    public void write(Path file, LoraNaming naming, Map<String, String> metadata, StoredType type) throws IOException {
        Map<String, String> header = new TreeMap<>();
        boolean plain = design.algorithm() == LoraAlgorithm.LORA && !design.dora();
        header.put(
                "ss_network_module",
                plain ? "networks.lora" : design.algorithm().module());
        header.put("ss_network_dim", String.valueOf(design.rank()));
        header.put("ss_network_alpha", String.valueOf(design.alpha()));
        if (!plain) {
            JsonObject args = new JsonObject();
            args.addProperty("algo", design.algorithm().algorithm());
            args.addProperty("conv_dim", design.kernels().rank());
            args.addProperty("conv_alpha", design.kernels().alpha());
            design.split().ifPresent(most -> args.addProperty("factor", most));
            args.addProperty("dora_wd", design.dora());
            args.addProperty("rs_lora", design.rankStabilized());
            header.put("ss_network_args", args.toString());
        }
        header.putAll(metadata);
        LoraWriter.write(file, layers.stream().map(TrainableLora::written).toList(), Map.of(), naming, header, type);
    }

    static AdapterLayer written(BoundLayer layer) {
        return new AdapterLayer(
                layer.layer(),
                layer.factors().arrays(),
                layer.delta().rank().isPresent()
                        ? OptionalDouble.of(
                                layer.factor() * (double) layer.delta().rank().getAsLong())
                        : OptionalDouble.empty());
    }

    @Override
    public void close() {
        lora.close();
    }
}
