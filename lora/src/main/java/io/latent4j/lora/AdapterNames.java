package io.latent4j.lora;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How the adapter files of a family of models name its layers. Each family has a value of its own; nothing else here
 * depends on the family.
 *
 * @param parts the parts of the family's models that adapters can change
 */
public record AdapterNames(Map<LoraPart, Part> parts) {

    public AdapterNames {
        parts = ImmutableMap.copyOf(parts);
    }

    /**
     * How the layers of one part are named.
     *
     * @param kohya what its names begin with in kohya's naming, {@code lora_unet_} for instance; the rest is the layer's name
     *     with underscores in place of dots
     * @param dotted what its names begin with in PEFT's and diffusers' naming, {@code unet.} for instance
     * @param others further beginnings that are read, and not written
     * @param aliases further names that its layers have
     * @param writesAlias whether kohya's naming has a layer's first alias in place of its name
     */
    public record Part(String kohya, String dotted, List<String> others, Aliases aliases, boolean writesAlias) {

        public Part {
            others = List.copyOf(others);
            if (kohya.isEmpty() || dotted.isEmpty() || others.contains("")) {
                throw new IllegalArgumentException("a part's beginnings of names are " + kohya + ", " + dotted + ", "
                        + others + "; expected letters in each");
            }
        }

        /** Whether names of both namings begin with these, and layers have one name each. */
        public Part(String kohya, String dotted) {
            this(kohya, dotted, List.of(), Aliases.NONE, false);
        }
    }

    /** Further names of a part's layers, which may follow from the blocks that the part has. */
    @FunctionalInterface
    public interface Aliases {
        /** Each layer has one name. */
        Aliases NONE = blocks -> layer -> List.of();

        /** The further names of each layer of a part that has these blocks, by dotted name. */
        Function<String, List<String>> of(Set<String> blocks);

        /** These names, and then those of {@code others}. */
        default Aliases and(Aliases others) {
            return blocks -> {
                Function<String, List<String>> first = of(blocks);
                Function<String, List<String>> second = others.of(blocks);
                return layer -> {
                    List<String> own = first.apply(layer);
                    List<String> more = second.apply(layer);
                    return Stream.concat(own.stream(), more.stream()).toList();
                };
            };
        }

        /** Names without their beginning, where they have it: {@code text_model.} for instance. */
        static Aliases without(String beginning) {
            return blocks ->
                    layer -> layer.startsWith(beginning) ? List.of(layer.substring(beginning.length())) : List.of();
        }

        /** The names that a UNet's layers have in the code Stable Diffusion came with, {@code input_blocks.4.1} and the like. */
        static Aliases originalUNet() {
            return blocks -> {
                OriginalNames names = OriginalNames.of(blocks);
                return layer -> names.of(layer).stream().toList();
            };
        }
    }
}
