package io.latent4j.pipeline.model;

import io.latent4j.lora.AdapterNames;
import io.latent4j.lora.AdapterNames.Aliases;
import io.latent4j.lora.AdapterNames.Part;
import io.latent4j.lora.LoraPart;
import java.util.List;
import java.util.Map;

/** How adapter files of Stable Diffusion's families name layers. */
public final class StableDiffusionAdapterNames {
    private static final List<String> UNET = List.of("diffusion_model.", "model.diffusion_model.");

    // with transformers 5 the text encoder's layers are saved without the leading text_model
    private static final Aliases TEXT = Aliases.without("text_model.");

    private static final List<String> FIRST = List.of(
            "lora_te_",
            "lora_te1_",
            "text_encoders.clip_l.transformer.",
            "text_encoders.clip_l.",
            "clip_l.transformer.",
            "clip_l.",
            "text_encoder_1.",
            "te1.",
            "cond_stage_model.transformer.");

    private static final List<String> SECOND = List.of(
            "text_encoders.clip_g.transformer.", "text_encoders.clip_g.", "clip_g.transformer.", "clip_g.", "te2.");

    private StableDiffusionAdapterNames() {}

    /** Those of Stable Diffusion 1 and 2, which have one text encoder. */
    public static AdapterNames base() {
        return new AdapterNames(Map.of(
                LoraPart.UNET,
                new Part("lora_unet_", "unet.", UNET, Aliases.originalUNet(), false),
                LoraPart.TEXT_ENCODER,
                new Part("lora_te_", "text_encoder.", FIRST, TEXT, false),
                LoraPart.TEXT_ENCODER_2,
                new Part("lora_te2_", "text_encoder_2.", SECOND, TEXT, false)));
    }

    /** Those of Stable Diffusion XL: kohya's have the UNet's original names, and numbers for the two text encoders. */
    public static AdapterNames xl() {
        return new AdapterNames(Map.of(
                LoraPart.UNET,
                new Part("lora_unet_", "unet.", UNET, Aliases.originalUNet(), true),
                LoraPart.TEXT_ENCODER,
                new Part("lora_te1_", "text_encoder.", FIRST, TEXT, false),
                LoraPart.TEXT_ENCODER_2,
                new Part("lora_te2_", "text_encoder_2.", SECOND, TEXT, false)));
    }
}
