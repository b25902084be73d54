package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.files.Draft;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.core.weights.TensorSource;
import io.latent4j.lora.LoraFuser;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.PartKeys;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes a model with adapters in its weights, in the layout of diffusers or as a single file. */
public final class FusedModel {
    private static final Pattern WEIGHTS = Pattern.compile(
            "(unet|transformer|text_encoder|text_encoder_2|text_encoder_3)/.*\\.(safetensors|bin|ckpt|msgpack|index\\.json)");

    private static final String SINGLE = ".safetensors";
    private static final String NETWORK = "diffusion_pytorch_model";

    private FusedModel() {}

    /**
     * Writes the model, which appears whole or not at all. What is not of the denoiser's and the text encoders' weights is
     * copied. No other thread may run the model meanwhile.
     *
     * @param source what {@code model} was loaded from
     * @param target a folder that is not there yet, or a file with the ending .safetensors
     * @param type of the weights; empty to keep the type of each tensor of {@code source}
     * @throws IOException if the target is there, or cannot be written
     */
    public static void write(ModelFiles source, Model model, List<LoraUse> uses, Path target, Optional<StoredType> type)
            throws IOException {
        if (Files.exists(target)) {
            throw new IOException(target + ": is there already; expected the name of a new folder or file");
        }
        try (Draft own = Draft.ofFolder(target);
                WeightLease denoiser = model.use(ModelPart.DENOISER);
                WeightLease encoders = model.use(ModelPart.TEXT_ENCODERS);
                LoraFuser fuser = LoraFuser.fuse(uses)) {
            own.fill(draft -> fill(source, model, draft, type));
            if (target.toString().endsWith(SINGLE)) {
                new Conversion(ModelFiles.of(own.path()), type).toFile(target, (part, file) -> {});
            } else {
                own.create();
            }
        }
    }

    private static void fill(ModelFiles source, Model model, Path draft, Optional<StoredType> type) throws IOException {
        if (Files.isDirectory(source.location())) {
            copy(source.location(), draft);
        } else {
            new Conversion(source, type).toFolder(draft, (part, file) -> {});
        }
        for (Map.Entry<LoraPart, NamedBlock> part : model.adaptable().parts().entrySet()) {
            String name = folder(part.getKey(), source);
            Path file = draft.resolve(name).resolve((name.startsWith("text") ? "model" : NETWORK) + SINGLE);
            write(part.getValue(), file, types(source, name, type));
        }
    }

    private static String folder(LoraPart part, ModelFiles source) {
        return switch (part) {
            case UNET -> source.has("unet") ? "unet" : "transformer";
            case TEXT_ENCODER -> "text_encoder";
            case TEXT_ENCODER_2 -> "text_encoder_2";
            case TEXT_ENCODER_3 -> "text_encoder_3";
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

    /** What each tensor of a part is stored as. */
    private static Function<String, StoredType> types(ModelFiles source, String part, Optional<StoredType> type)
            throws IOException {
        if (type.isPresent()) {
            return key -> type.get();
        }
        Map<String, StoredType> types = new HashMap<>();
        try (Checkpoint weights = source.weights(part)) {
            Function<String, Optional<String>> names = PartKeys.of(part, source);
            weights.tensors()
                    .forEach((key, info) -> names.apply(key)
                            .ifPresent(name -> types.put(name, info.type().written())));
        }
        return key -> types.getOrDefault(key, StoredType.F32);
    }

    private static void write(NamedBlock block, Path file, Function<String, StoredType> types) throws IOException {
        Map<String, TensorSource> tensors = new LinkedHashMap<>();
        block.getParameters().forEach(entry -> {
            NDArray array = entry.getValue().getArray();
            StoredType type = types.apply(entry.getKey());
            tensors.put(
                    entry.getKey(),
                    new TensorSource(array.getShape(), type, own -> converted(array, type.dataType(), own)));
        });
        try (NDManager manager = NDManager.newBaseManager()) {
            SafeTensors.write(file, tensors, Map.of("format", "pt"), manager);
        }
    }

    /** The array in a data type, on the CPU and of {@code own} where it is not the array itself. */
    private static NDArray converted(NDArray array, DataType type, NDManager own) {
        if (array.getDataType() == type) {
            return array;
        }
        NDArray made = Ops.cast(array, type);
        made.attach(own);
        return made;
    }
}
