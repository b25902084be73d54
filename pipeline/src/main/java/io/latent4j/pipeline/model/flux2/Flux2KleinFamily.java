package io.latent4j.pipeline.model.flux2;

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
 * FLUX.2 klein (<a href="https://github.com/black-forest-labs/flux2">Black Forest Labs 2025</a>): a rectified flow of 4 or 9
 * billion parameters that attends to the states of three layers of Qwen3, in the latents of an autoencoder of its own. One
 * kind was distilled to few steps, the other, base, is guided.
 */
public final class Flux2KleinFamily implements TransformerFamily {

    @Override
    public String title() {
        return "FLUX.2 klein";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("Flux2KleinPipeline");
    }

    @Override
    public List<String> folders() {
        return List.of("scheduler", "text_encoder", TOKENIZER, TRANSFORMER, "vae");
    }

    @Override
    public Flux2KleinParts parts(ModelFiles files) throws IOException {
        return Flux2KleinParts.read(files);
    }

    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(
                LoraPart.UNET,
                TransformerAdapterNames.transformer("lora_transformer_"),
                LoraPart.TEXT_ENCODER,
                TransformerAdapterNames.qwen()));
    }
}
