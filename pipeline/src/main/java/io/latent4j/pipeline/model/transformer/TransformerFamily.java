package io.latent4j.pipeline.model.transformer;

import io.latent4j.core.nn.NamedBlock;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.ModelFamily;
import io.latent4j.pipeline.model.Placement;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A family of models of a transformer in an autoencoder's latents. It says what it is made of; the rest is done here. */
public interface TransformerFamily extends ModelFamily {
    /** What the denoiser's folder is called. */
    String TRANSFORMER = "transformer";

    /** What the folders of tokenizers begin with. */
    String TOKENIZER = "tokenizer";

    /** The folders that each of its models has. */
    List<String> folders();

    @Override
    default Set<String> parts() {
        return folders().stream()
                .filter(folder -> !folder.equals("scheduler") && !folder.startsWith(TOKENIZER))
                .collect(Collectors.toSet());
    }

    @Override
    default Set<String> tokenizers() {
        return folders().stream().filter(folder -> folder.startsWith(TOKENIZER)).collect(Collectors.toSet());
    }

    /**
     * Reads the settings of a model's networks, and its tokenizers; no weights.
     *
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if a config asks for what is not supported
     */
    TransformerParts parts(ModelFiles files) throws IOException;

    @Override
    default AdaptableModel adaptable(ModelFiles files) throws IOException {
        try (TransformerParts parts = parts(files)) {
            return new AdaptableModel(adapterNames(), adaptable(parts));
        }
    }

    /** The networks that adapters change. */
    static Map<LoraPart, NamedBlock> adaptable(TransformerParts parts) {
        Map<LoraPart, NamedBlock> blocks = new EnumMap<>(LoraPart.class);
        blocks.put(LoraPart.UNET, parts.transformer());
        parts.texts().forEach(text -> blocks.put(text.part(), text.block()));
        return blocks;
    }

    @Override
    default TransformerModel open(String name, ModelFiles files, Placement placement) throws IOException {
        return TransformerModel.open(this, name, files, placement);
    }
}
