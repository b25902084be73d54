package io.latent4j.pipeline.model.flux;

import io.latent4j.lora.AdapterNames;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.UNetAdapterNames;
import io.latent4j.pipeline.model.transformer.TransformerAdapterNames;
import io.latent4j.pipeline.model.transformer.TransformerFamily;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * FLUX.1 (<a href="https://github.com/black-forest-labs/flux">Black Forest Labs 2024</a>): a rectified flow of 12 billion
 * parameters that attends to T5's states and is told CLIP's pooled text. {@code dev} was distilled from guided predictions and is
 * told the guidance scale; {@code schnell} was distilled to few steps and is not.
 */
public final class FluxFamily implements TransformerFamily {

    @Override
    public String title() {
        return "FLUX.1";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("FluxPipeline", "FluxImg2ImgPipeline");
    }

    @Override
    public List<String> folders() {
        return List.of("scheduler", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", TRANSFORMER, "vae");
    }

    @Override
    public FluxParts parts(ModelFiles files) throws IOException {
        return FluxParts.read(files);
    }

    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(
                LoraPart.UNET,
                TransformerAdapterNames.transformer("lora_transformer_"),
                LoraPart.TEXT_ENCODER,
                UNetAdapterNames.firstText("lora_te1_"),
                LoraPart.TEXT_ENCODER_2,
                TransformerAdapterNames.t5("text_encoder_2.")));
    }
}
