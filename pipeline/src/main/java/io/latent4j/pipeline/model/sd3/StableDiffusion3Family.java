package io.latent4j.pipeline.model.sd3;

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
 * Stable Diffusion 3 and 3.5 (<a href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>): a rectified flow, whose
 * transformer attends to the image and the text together. It reads a text by two CLIPs, and by T5 where that is there.
 */
public final class StableDiffusion3Family implements TransformerFamily {

    @Override
    public String title() {
        return "Stable Diffusion 3";
    }

    @Override
    public Set<String> classNames() {
        return Set.of("StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline");
    }

    @Override
    public List<String> folders() {
        return List.of("scheduler", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", TRANSFORMER, "vae");
    }

    @Override
    public Set<String> parts() {
        return Set.of("text_encoder", "text_encoder_2", "text_encoder_3", TRANSFORMER, "vae");
    }

    @Override
    public Set<String> tokenizers() {
        return Set.of("tokenizer", "tokenizer_2", "tokenizer_3");
    }

    @Override
    public StableDiffusion3Parts parts(ModelFiles files) throws IOException {
        return StableDiffusion3Parts.read(files);
    }

    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(
                LoraPart.UNET,
                TransformerAdapterNames.transformer("lora_transformer_"),
                LoraPart.TEXT_ENCODER,
                UNetAdapterNames.firstText("lora_te1_"),
                LoraPart.TEXT_ENCODER_2,
                UNetAdapterNames.secondText(),
                LoraPart.TEXT_ENCODER_3,
                TransformerAdapterNames.t5("text_encoder_3.")));
    }
}
