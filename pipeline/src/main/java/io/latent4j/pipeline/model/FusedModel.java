package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.LoraFuser;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.FolderDraft;
import io.latent4j.pipeline.files.ModelFiles;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes a model with adapters in its weights, in the layout of diffusers or as a single file. */
public final class FusedModel {
    private static final Pattern WEIGHTS =
            Pattern.compile("(unet|text_encoder|text_encoder_2)/.*\\.(safetensors|bin|ckpt|msgpack|index\\.json)");

    private static final String SINGLE = ".safetensors";

    private FusedModel() {}

    /**
     * Writes the model, which appears whole or not at all. What is not of the UNet's and the text encoders' weights is
     * copied. No other thread may run the model meanwhile.
     *
     * @param source what {@code parts} were loaded from
     * @param target a folder that is not there yet, or a file with the ending .safetensors
     * @param type of the weights
     * @throws IOException if the target is there, or cannot be written
     */
    public static void write(ModelFiles source, Components parts, List<LoraUse> uses, Path target, StoredType type)
            throws IOException {
        if (Files.exists(target)) {
            throw new IOException(target + ": is there already; expected the name of a new folder or file");
        }
        Path place = target.toAbsolutePath().normalize();
        try (FolderDraft own = FolderDraft.of(place);
                WeightLease unet = parts.use(ModelPart.UNET);
                WeightLease encoders = parts.use(ModelPart.TEXT_ENCODERS);
                LoraFuser fuser = LoraFuser.fuse(uses)) {
            Path draft = own.folder();
            if (Files.isDirectory(source.location())) {
                copy(source.location(), draft);
            } else {
                new Conversion(source, Optional.of(type)).toFolder(draft, (part, file) -> {});
            }
            for (Map.Entry<LoraPart, NamedBlock> part :
                    parts.adaptable().parts().entrySet()) {
                write(part.getValue(), draft.resolve(file(part.getKey())), type);
            }
            if (place.toString().endsWith(SINGLE)) {
                new Conversion(ModelFiles.of(draft), Optional.of(type)).toFile(place, (part, file) -> {});
            } else {
                own.moveToPlace();
            }
        }
    }

    private static String file(LoraPart part) {
        return switch (part) {
            case UNET -> "unet/diffusion_pytorch_model.safetensors";
            case TEXT_ENCODER -> "text_encoder/model.safetensors";
            case TEXT_ENCODER_2 -> "text_encoder_2/model.safetensors";
        };
    }

    private static void copy(Path source, Path draft) throws IOException {
        Path real = source.toRealPath();
        try (Stream<Path> all = Files.walk(real, FileVisitOption.FOLLOW_LINKS)) {
            for (Path from : all.toList()) {
                String name = real.relativize(from).toString().replace('\\', '/');
                Path to = draft.resolve(name);
                if (Files.isDirectory(from)) {
                    Files.createDirectories(to);
                } else if (!WEIGHTS.matcher(name).matches()) {
                    Files.copy(from, to);
                }
            }
        }
    }

    private static void write(NamedBlock block, Path file, StoredType type) throws IOException {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        block.getParameters()
                .forEach(entry -> arrays.put(entry.getKey(), entry.getValue().getArray()));
        SafeTensors.write(file, arrays, Map.of("format", "pt"), type);
    }
}
