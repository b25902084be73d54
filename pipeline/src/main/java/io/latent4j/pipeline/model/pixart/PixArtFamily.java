package io.latent4j.pipeline.model.pixart;

import io.latent4j.lora.AdapterNames;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.transformer.TransformerAdapterNames;
import io.latent4j.pipeline.model.transformer.TransformerFamily;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * PixArt-Σ (<a href="https://arxiv.org/abs/2403.04692">Chen et al. 2024</a>): a transformer of 0.6 billion parameters that
 * attends to the text, T5's, in the latents of SDXL's autoencoder.
 */
public final class PixArtFamily implements TransformerFamily {

    @Override
    public String title() {
        return "PixArt-Σ";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("PixArtSigmaPipeline");
    }

    @Override
    public List<String> folders() {
        return List.of("scheduler", "text_encoder", "tokenizer", TRANSFORMER, "vae");
    }

    @Override
    public PixArtParts parts(ModelFiles files) throws IOException {
        return PixArtParts.read(files);
    }

    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(
                LoraPart.UNET,
                TransformerAdapterNames.transformer("lora_transformer_"),
                LoraPart.TEXT_ENCODER,
                new AdapterNames.Part("lora_te_", "text_encoder.")));
    }
}
