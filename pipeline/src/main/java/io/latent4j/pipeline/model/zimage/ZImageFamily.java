package io.latent4j.pipeline.model.zimage;

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
 * Z-Image and Z-Image-Turbo (<a href="https://arxiv.org/abs/2511.22699">Z-Image Team 2025</a>): a rectified flow of 6 billion
 * parameters in which image and caption are one sequence; it reads a caption with Qwen3.
 */
public final class ZImageFamily implements TransformerFamily {

    @Override
    public String title() {
        return "Z-Image";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("ZImagePipeline", "ZImageImg2ImgPipeline");
    }

    @Override
    public List<String> folders() {
        return List.of("scheduler", "text_encoder", TOKENIZER, TRANSFORMER, "vae");
    }

    @Override
    public ZImageParts parts(ModelFiles files) throws IOException {
        return ZImageParts.read(files);
    }

    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(
                LoraPart.UNET,
                TransformerAdapterNames.transformer("lora_unet_"),
                LoraPart.TEXT_ENCODER,
                TransformerAdapterNames.qwen()));
    }
}
