package io.latent4j.lora;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Projection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the names that adapter files give to layers lead. Underscored names cannot be taken apart, since blocks have
 * underscores of their own; so every name a layer of this model can have is entered, and a file's name is looked up.
 */
final class LayerNames {
    private static final Map<String, Optional<LoraPart>> PREFIXES = prefixes();

    private static final String OF_XL = "add_embedding.linear_1";

    private final Map<LoraPart, Map<String, Layer>> layers = new EnumMap<>(LoraPart.class);

    /**
     * A layer of the model.
     *
     * @param name dotted, as in the checkpoint
     * @param kohya what kohya's files call it
     * @param weight the shape of its weight
     */
    record Layer(LoraPart part, String name, String kohya, Projection projection, Shape weight) {
        /** Whether it is a convolution of more than a pixel. */
        boolean hasKernel() {
            return weight.dimension() > 2 && weight.slice(2).size() > 1;
        }
    }

    private static Map<String, Optional<LoraPart>> prefixes() {
        Map<String, Optional<LoraPart>> prefixes = new LinkedHashMap<>();
        prefixes.put("lora_unet_", Optional.of(LoraPart.UNET));
        prefixes.put("lora_te1_", Optional.of(LoraPart.TEXT_ENCODER));
        prefixes.put("lora_te2_", Optional.of(LoraPart.TEXT_ENCODER_2));
        prefixes.put("lora_te_", Optional.of(LoraPart.TEXT_ENCODER));
        prefixes.put("unet.", Optional.of(LoraPart.UNET));
        prefixes.put("text_encoder.", Optional.of(LoraPart.TEXT_ENCODER));
        prefixes.put("text_encoder_2.", Optional.of(LoraPart.TEXT_ENCODER_2));
        prefixes.put("diffusion_model.", Optional.of(LoraPart.UNET));
        prefixes.put("base_model.model.", Optional.empty());
        prefixes.put("lycoris_", Optional.empty());
        return prefixes;
    }

    LayerNames(Map<LoraPart, ? extends NamedBlock> model) {
        model.forEach((part, tree) -> {
            OriginalNames originals = OriginalNames.of(blocks(tree).keySet());
            Map<String, Layer> names = new HashMap<>();
            of(part, model).forEach((name, layer) -> {
                enter(names, name, layer);
                if (part == LoraPart.UNET) {
                    originals.of(name).ifPresent(original -> enter(names, original, layer));
                }
            });
            layers.put(part, names);
        });
    }

    private static Map<String, NamedBlock> blocks(NamedBlock tree) {
        Map<String, NamedBlock> blocks = new LinkedHashMap<>();
        tree.visit(blocks::put);
        return blocks;
    }

    /**
     * The layers of a part of a model that can be adapted, by name, in the tree's order. Kohya's files have the original
     * names for SDXL's UNet, and numbers for its two text encoders.
     */
    static Map<String, Layer> of(LoraPart part, Map<LoraPart, ? extends NamedBlock> model) {
        Map<String, NamedBlock> blocks = blocks(model.get(part));
        OriginalNames originals = OriginalNames.of(blocks.keySet());
        boolean xl = blocks.containsKey(OF_XL) || model.containsKey(LoraPart.TEXT_ENCODER_2);
        String prefix = switch (part) {
            case UNET -> "lora_unet_";
            case TEXT_ENCODER -> xl ? "lora_te1_" : "lora_te_";
            case TEXT_ENCODER_2 -> "lora_te2_";
        };
        Map<String, Layer> layers = new LinkedHashMap<>();
        blocks.forEach((name, block) -> {
            if (block instanceof Projection projection) {
                String written =
                        part == LoraPart.UNET && xl ? originals.of(name).orElse(name) : name;
                Shape weight = block.shapes().get("weight");
                layers.put(name, new Layer(part, name, prefix + written.replace('.', '_'), projection, weight));
            }
        });
        return layers;
    }

    private static void enter(Map<String, Layer> names, String name, Layer layer) {
        names.put(name, layer);
        names.put(name.replace('.', '_'), layer);
    }

    /** The layer that a file calls {@code stored}; empty if the model has none of that name. */
    Optional<Layer> find(String stored) {
        for (Map.Entry<String, Optional<LoraPart>> prefix : PREFIXES.entrySet()) {
            if (stored.startsWith(prefix.getKey())) {
                String name = stored.substring(prefix.getKey().length());
                return prefix.getValue().isPresent() ? find(prefix.getValue().get(), name) : find(name);
            }
        }
        return anywhere(stored);
    }

    private Optional<Layer> find(LoraPart part, String name) {
        return Optional.ofNullable(layers.getOrDefault(part, Map.of()).get(name));
    }

    private Optional<Layer> anywhere(String name) {
        return layers.keySet().stream()
                .flatMap(part -> find(part, name).stream())
                .findFirst();
    }

    /** Some name in the model, for an error to show how they look. */
    String example() {
        return layers.values().stream()
                .flatMap(names -> names.values().stream())
                .filter(layer -> layer.name().endsWith("to_q") || layer.name().endsWith("q_proj"))
                .map(Layer::name)
                .min(String::compareTo)
                .orElse("none");
    }
}
