package io.latent4j.lora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes adapter files. */
final class LoraWriter {
    private static final Set<Role> IN_ALL_NAMINGS = Set.of(Role.DOWN, Role.UP, Role.DORA_SCALE, Role.MAGNITUDE);

    private LoraWriter() {}

    /**
     * Writes a file, which appears whole or not at all.
     *
     * @param bundled tensors of learned words, which have one name in all namings
     * @param naming kohya's, PEFT's or the older diffusers one
     * @param metadata free text for the header
     * @throws IllegalArgumentException if the naming has no words for what the layers have
     */
    static void write(
            Path file,
            List<AdapterLayer> layers,
            Map<BundledVectors, NDArray> bundled,
            LoraNaming naming,
            Map<String, String> metadata,
            StoredType type)
            throws IOException {
        Map<String, NDArray> tensors = new TreeMap<>();
        bundled.forEach((vectors, array) -> tensors.put(vectors.key(), array));
        Map<String, String> header = new HashMap<>(metadata);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (AdapterLayer layer : layers) {
                String name = stored(layer.layer(), naming);
                layer.factors()
                        .forEach((role, array) ->
                                tensors.put(name + ending(layer, role, naming), shaped(array, role, naming)));
                if (naming != LoraNaming.PEFT) {
                    layer.alpha().ifPresent(alpha -> tensors.put(name + ".alpha", manager.create((float) alpha)));
                }
            }
            if (naming == LoraNaming.PEFT) {
                header.put(PeftSettings.METADATA, peft(layers).toString());
            }
            header.putIfAbsent("format", "pt");
            SafeTensors.write(file, tensors, header, type);
        }
    }

    /** A layer's name in a file. */
    static String stored(LayerNames.Layer layer, LoraNaming naming) {
        return switch (naming) {
            case KOHYA -> layer.kohya();
            case PEFT, DIFFUSERS, PROCESSORS -> layer.dotted();
            case XLABS ->
                throw new IllegalArgumentException(
                        naming.title() + " names are read and not written; expected kohya, PEFT or diffusers");
        };
    }

    private static String ending(AdapterLayer layer, Role role, LoraNaming naming) {
        if (naming == LoraNaming.KOHYA) {
            return LoraKey.kohyaEnding(role == Role.MAGNITUDE ? Role.DORA_SCALE : role);
        }
        if (!IN_ALL_NAMINGS.contains(role)) {
            throw new IllegalArgumentException(layer.name() + " has a " + role + " tensor, for which " + naming.title()
                    + " has no name; expected kohya as the naming");
        }
        boolean text = layer.part() != LoraPart.UNET;
        return switch (role) {
            case DOWN -> naming == LoraNaming.PEFT ? ".lora_A.weight" : lora(text) + ".down.weight";
            case UP -> naming == LoraNaming.PEFT ? ".lora_B.weight" : lora(text) + ".up.weight";
            default -> {
                if (naming != LoraNaming.PEFT) {
                    throw new IllegalArgumentException(layer.name() + " is with DoRA, which " + naming.title()
                            + " files do not have; expected kohya or PEFT");
                }
                yield ".lora_magnitude_vector";
            }
        };
    }

    private static String lora(boolean text) {
        return text ? ".lora_linear_layer" : ".lora";
    }

    /** PEFT's lengths have one axis. */
    private static NDArray shaped(NDArray array, Role role, LoraNaming naming) {
        boolean lengths = role == Role.DORA_SCALE || role == Role.MAGNITUDE;
        return lengths && naming == LoraNaming.PEFT ? array.reshape(array.size()) : array;
    }

    /** The settings of each part, which PEFT has instead of alphas; those of most layers are the part's, others a pattern. */
    private static JsonObject peft(List<AdapterLayer> layers) {
        JsonObject settings = new JsonObject();
        for (LoraPart part : LoraPart.values()) {
            List<AdapterLayer> own =
                    layers.stream().filter(layer -> layer.part() == part).toList();
            if (own.isEmpty()) {
                continue;
            }
            String prefix = own.get(0).layer().beginning();
            long rank = rank(own.get(0));
            double alpha = alpha(own.get(0));
            JsonObject ranks = new JsonObject();
            JsonObject alphas = new JsonObject();
            Set<String> modules = new TreeSet<>();
            for (AdapterLayer layer : own) {
                modules.add(layer.name());
                if (rank(layer) != rank) {
                    ranks.addProperty(layer.name(), rank(layer));
                }
                if (alpha(layer) != alpha) {
                    alphas.addProperty(layer.name(), alpha(layer));
                }
            }
            settings.addProperty(prefix + "r", rank);
            settings.addProperty(prefix + "lora_alpha", alpha);
            settings.add(prefix + "rank_pattern", ranks);
            settings.add(prefix + "alpha_pattern", alphas);
            JsonArray targets = new JsonArray();
            modules.forEach(targets::add);
            settings.add(prefix + "target_modules", targets);
            settings.addProperty(
                    prefix + "use_dora",
                    own.stream().anyMatch(layer -> layer.factors().containsKey(Role.DORA_SCALE)));
            settings.addProperty(prefix + "peft_type", "LORA");
        }
        return settings;
    }

    private static long rank(AdapterLayer layer) {
        return layer.factors().get(Role.DOWN).getShape().get(0);
    }

    private static double alpha(AdapterLayer layer) {
        OptionalDouble alpha = layer.alpha();
        return alpha.isPresent() ? alpha.getAsDouble() : rank(layer);
    }
}
