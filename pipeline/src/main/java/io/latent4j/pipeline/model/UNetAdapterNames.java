package io.latent4j.pipeline.model;

import io.latent4j.lora.AdapterNames.Aliases;
import io.latent4j.lora.AdapterNames.Part;
import java.util.List;

/** How adapter files name the layers of models of a UNet and CLIP's text encoders. */
public final class UNetAdapterNames {
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

    private UNetAdapterNames() {}

    /**
     * Those of the UNet.
     *
     * @param original whether kohya's files have the UNet's names in the original layout
     */
    public static Part unet(boolean original) {
        return new Part("lora_unet_", "unet.", UNET, Aliases.originalUNet(), original);
    }

    /**
     * Those of the first text encoder.
     *
     * @param kohya what they begin with in kohya's files
     */
    public static Part firstText(String kohya) {
        return new Part(kohya, "text_encoder.", FIRST, TEXT, false);
    }

    /** Those of the second text encoder. */
    public static Part secondText() {
        return new Part("lora_te2_", "text_encoder_2.", SECOND, TEXT, false);
    }
}
