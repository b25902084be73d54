package io.latent4j.lora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an adapter file says, whichever of the usual ways it names its tensors: the layers and the kinds of their adapters.
 * Of the tensors only the alphas are read.
 */
public final class LoraFile {
    private static final int SHOWN = 5;

    private final Path path;
    private final Map<String, StoredLayer> layers;
    private final Map<String, Delta> deltas = new LinkedHashMap<>();
    private final Map<String, Double> alphas = new HashMap<>();
    private final List<String> unread;
    private final List<BundledVectors> bundled;
    private final PeftSettings peft;
    private final Map<String, String> metadata;

    private LoraFile(Checkpoint file) throws IOException {
        path = file.location();
        metadata = file.metadata();
        unread = new ArrayList<>();
        bundled = new ArrayList<>();
        layers = layers(file, unread, bundled);
        peft = PeftSettings.of(path, metadata);
        check();
        readAlphas(file);
    }

    /**
     * Reads the header and the alphas of a file.
     *
     * @throws IOException if it is damaged, holds no adapter or one of an unknown kind, lacks some of a layer's tensors, or
     *     their ranks disagree: names the file, the keys and what was expected
     */
    public static LoraFile read(Path path) throws IOException {
        try (Checkpoint file = Checkpoint.open(path)) {
            return of(file);
        }
    }

    static LoraFile of(Checkpoint file) throws IOException {
        try {
            return new LoraFile(file);
        } catch (IllegalArgumentException e) { // of settings, which name the file
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Whether tensors of these names are an adapter's. */
    public static boolean isAdapter(Collection<String> keys) {
        return keys.stream().map(LoraKey::of).flatMap(Optional::stream).anyMatch(key -> key.role() != Role.ALPHA);
    }

    private static Map<String, StoredLayer> layers(Checkpoint file, List<String> unread, List<BundledVectors> bundled)
            throws IOException {
        Map<String, Map<Role, StoredLayer.Tensor>> tensors = new TreeMap<>();
        Map<String, LoraNaming> namings = new HashMap<>();
        Map<String, String> unsupported = new TreeMap<>();
        file.tensors().forEach((name, info) -> {
            Optional<BundledVectors> vectors = BundledVectors.of(name);
            if (vectors.isPresent()) {
                bundled.add(vectors.get());
                return;
            }
            Optional<LoraKey> found = LoraKey.of(name);
            if (found.isEmpty()) {
                LoraKey.unsupportedKind(name).ifPresent(kind -> unsupported.put(name, kind));
                unread.add(name);
                return;
            }
            LoraKey key = found.get();
            key.naming().ifPresent(naming -> namings.put(key.layer(), naming));
            tensors.computeIfAbsent(key.layer(), layer -> new EnumMap<>(Role.class))
                    .put(key.role(), new StoredLayer.Tensor(name, info.shape()));
        });
        if (!unsupported.isEmpty()) {
            String key = unsupported.keySet().iterator().next();
            throw new IOException(file.location() + ": " + key + " is of a kind that is not supported, "
                    + unsupported.get(key) + "; expected LoRA, LoCon, LoHa, LoKr or DoRA");
        }
        if (namings.isEmpty()) {
            throw new IOException(file.location() + ": holds no adapter; found "
                    + (unread.isEmpty() ? "no tensors" : shown(unread))
                    + "; expected names that end with .lora_down.weight, .lora_A.weight or the like");
        }
        Map<String, StoredLayer> layers = new LinkedHashMap<>();
        tensors.forEach((name, roles) -> {
            if (roles.keySet().equals(Set.of(Role.ALPHA))) {
                unread.add(roles.get(Role.ALPHA).key()); // the alpha of nothing, or no adapter's
            } else {
                layers.put(name, new StoredLayer(name, Optional.ofNullable(namings.get(name)), roles));
            }
        });
        return layers;
    }

    private void check() throws IOException {
        List<String> problems = new ArrayList<>();
        layers.forEach((name, layer) -> {
            try {
                deltas.put(name, Delta.of(layer));
            } catch (IllegalArgumentException e) {
                problems.add(e.getMessage());
            }
        });
        if (!problems.isEmpty()) {
            throw new IOException(path + ": " + shown(problems) + "; the file is damaged or was cut");
        }
    }

    /** The first of many texts. */
    static String shown(List<String> texts) {
        String first = texts.stream().limit(SHOWN).collect(Collectors.joining("; "));
        return texts.size() > SHOWN ? first + "; and " + (texts.size() - SHOWN) + " more" : first;
    }

    private void readAlphas(Checkpoint file) throws IOException {
        List<StoredLayer> stored =
                layers.values().stream().filter(layer -> layer.has(Role.ALPHA)).toList();
        if (stored.isEmpty()) {
            return;
        }
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (StoredLayer layer : stored) {
                StoredLayer.Tensor alpha = layer.tensor(Role.ALPHA);
                if (alpha.shape().size() != 1) {
                    throw new IOException(path + ": " + alpha.key() + " is " + alpha.shape() + "; expected one number");
                }
                try (NDArray value = file.read(alpha.key(), manager, DataType.FLOAT32)) {
                    alphas.put(layer.name(), (double) value.toFloatArray()[0]);
                }
                if (!Double.isFinite(alphas.get(layer.name()))) {
                    throw new IOException(path + ": " + alpha.key() + " is " + alphas.get(layer.name())
                            + "; expected a finite number; the file is damaged");
                }
            }
        }
    }

    Path path() {
        return path;
    }

    /** The tensors of learned words. */
    List<BundledVectors> bundled() {
        return List.copyOf(bundled);
    }

    Collection<StoredLayer> layers() {
        return layers.values();
    }

    Delta delta(StoredLayer layer) {
        return deltas.get(layer.name());
    }

    private OptionalDouble alpha(StoredLayer layer) {
        Double stored = alphas.get(layer.name());
        return stored == null ? peft.alpha(layer.name()) : OptionalDouble.of(stored);
    }

    /** What the product of the layer's factors is multiplied by: alpha / rank, or 1 where there is no alpha. */
    double factor(StoredLayer layer) {
        OptionalLong rank = delta(layer).rank();
        OptionalDouble alpha = alpha(layer);
        if (rank.isEmpty() || alpha.isEmpty()) {
            return 1;
        }
        boolean root = !layer.has(Role.ALPHA) && peft.rankStabilized(layer.name());
        double divisor = (double) rank.getAsLong();
        return alpha.getAsDouble() / (root ? Math.sqrt(divisor) : divisor);
    }

    /** What is in the file, and which models it says that it was made for. */
    public LoraReport report() {
        return report(AdapterOrigin.UNKNOWN);
    }

    /**
     * What is in the file.
     *
     * @param origin is asked which models it was made for, if the file does not say
     */
    public LoraReport report(AdapterOrigin origin) {
        Map<String, Integer> kinds = new TreeMap<>();
        layers.values().forEach(layer -> {
            boolean dora = layer.has(Role.DORA_SCALE) || layer.has(Role.MAGNITUDE);
            kinds.merge(delta(layer).kind() + (dora ? " with DoRA" : ""), 1, Integer::sum);
        });
        return new LoraReport(
                path,
                layers.values().stream()
                        .flatMap(layer -> layer.naming().stream())
                        .distinct()
                        .sorted()
                        .toList(),
                kinds,
                deltas.values().stream()
                        .flatMapToLong(delta -> delta.rank().stream())
                        .distinct()
                        .sorted()
                        .boxed()
                        .toList(),
                layers.values().stream()
                        .flatMapToDouble(layer -> alpha(layer).stream())
                        .distinct()
                        .sorted()
                        .boxed()
                        .toList(),
                layers.size(),
                List.of(),
                bundled.stream().map(BundledVectors::word).distinct().toList(),
                unread,
                madeFor(origin),
                metadata);
    }

    /** By what the header says, else by the layers. */
    Optional<String> madeFor(AdapterOrigin origin) {
        return Optional.ofNullable(metadata.get("ss_base_model_version"))
                .or(() -> Optional.ofNullable(metadata.get("modelspec.architecture")))
                .or(() -> origin.of(widths()));
    }

    private Map<String, Long> widths() {
        Map<String, Long> widths = new TreeMap<>();
        layers.forEach((name, layer) -> widths.put(name, layer.has(Role.DOWN) ? layer.size(Role.DOWN, 1) : 0));
        return widths;
    }
}
