package io.latent4j.pipeline.files;

import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The layouts of single files that are known.
 *
 * @param all asked in this order
 */
record Layouts(List<SingleFileLayout> all) {
    Layouts {
        all = List.copyOf(all);
    }

    /** Those of the families registered on the class path. */
    static Layouts installed() {
        return new Layouts(kinds().flatMap(kind -> kind.singleFiles().stream()).toList());
    }

    /**
     * The layout of a file.
     *
     * @throws IllegalArgumentException if the tensors are of none, saying what they look like instead
     */
    SingleFileLayout of(FileTensors tensors) {
        return all.stream()
                .filter(layout -> layout.recognises(tensors))
                .findFirst()
                .orElseThrow(() -> tensors.bad(looks(tensors), expected(tensors)));
    }

    /** Whether there is a UNet in the layout that families share; another part may be missing. */
    static boolean isHalf(FileTensors tensors) {
        return UNetShapes.isIn(tensors);
    }

    private String expected(FileTensors tensors) {
        if (isHalf(tensors)) {
            return "a whole model: merge them, or use the model's folder";
        }
        if (hasOtherParts(tensors)) {
            return "a whole model";
        }
        return "a single file of " + all.stream().map(SingleFileLayout::title).collect(Collectors.joining(", "));
    }

    private static boolean hasOtherParts(FileTensors tensors) {
        return tensors.begins(AutoencoderNames.PREFIX)
                || tensors.begins("cond_stage_model.")
                || tensors.begins("conditioner.");
    }

    private static String looks(FileTensors tensors) {
        if (isHalf(tensors)) {
            return "has a UNet and no text encoder";
        }
        if (hasOtherParts(tensors)) {
            return "has no UNet (no tensors " + UNetNames.PREFIX + "*)";
        }
        String looks;
        if (tensors.any(key -> key.contains("lora_") || key.contains(".lora"))) {
            looks = "looks like a LoRA, which is an adapter and goes with a model";
        } else if (tensors.any(key -> key.contains("control_model.") || key.contains("controlnet_cond_embedding"))) {
            looks = "looks like a ControlNet, which goes with a model";
        } else if (tensors.any(key -> key.contains("double_blocks.")
                || key.contains("joint_blocks.")
                || key.contains("transformer_blocks.0.ff_context"))) {
            looks = "looks like a diffusion transformer (Stable Diffusion 3 or Flux), which is not supported";
        } else if (tensors.any(key -> key.contains("down_blocks.") || key.contains("text_model."))) {
            looks = "looks like one part of a model; name the folder of the whole model";
        } else {
            looks = "begins with "
                    + Shown.names(tensors.tensors().keySet().stream().limit(3).toList());
        }
        return "holds no model in an original layout; it " + looks;
    }

    /** The layout to write a model in, if there is one. */
    Optional<SingleFileLayout> writing(ModelFiles model) throws IOException {
        for (SingleFileLayout layout : all) {
            if (layout.writes(model)) {
                return Optional.of(layout);
            }
        }
        return Optional.empty();
    }

    /** What the families' models call their parts with weights. */
    static TreeSet<String> parts() {
        return names(ModelKind::parts);
    }

    /** What the families' models call their tokenizers. */
    static TreeSet<String> tokenizers() {
        return names(ModelKind::tokenizers);
    }

    private static TreeSet<String> names(Function<ModelKind, Set<String>> names) {
        return kinds().flatMap(kind -> names.apply(kind).stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<ModelKind> kinds() {
        return ServiceLoader.load(ModelKind.class, Layouts.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get);
    }
}
