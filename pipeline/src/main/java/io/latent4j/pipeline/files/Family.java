package io.latent4j.pipeline.files;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;

/** The families of models that single files hold. */
enum Family {
    STABLE_DIFFUSION_1("Stable Diffusion 1", 0.18215, "text_encoder"),
    STABLE_DIFFUSION_2("Stable Diffusion 2", 0.18215, "text_encoder"),
    XL("Stable Diffusion XL", 0.13025, "text_encoder", "text_encoder_2"),
    XL_REFINER("Stable Diffusion XL refiner", 0.13025, "text_encoder_2");

    private final String title;
    private final double vaeScale;
    private final ImmutableList<String> textEncoders;

    Family(String title, double vaeScale, String... textEncoders) {
        this.title = title;
        this.vaeScale = vaeScale;
        this.textEncoders = ImmutableList.copyOf(textEncoders);
    }

    /** What to call it. */
    String title() {
        return title;
    }

    /** The autoencoder's {@code scaling_factor}. */
    double vaeScale() {
        return vaeScale;
    }

    /** The parts that hold weights. */
    List<String> weights() {
        return ImmutableList.<String>builder()
                .addAll(textEncoders)
                .add("unet", "vae")
                .build();
    }

    List<String> textEncoders() {
        return textEncoders;
    }

    /** Whether the original of a text encoder is OpenCLIP's. */
    boolean isOpenClip(String textEncoder) {
        return this == STABLE_DIFFUSION_2 || textEncoder.endsWith("_2");
    }

    /** What a text encoder's keys begin with in the original layout. */
    String textPrefix(String textEncoder) {
        return switch (this) {
            case STABLE_DIFFUSION_1 -> OpenAiClipNames.STABLE_DIFFUSION_1;
            case STABLE_DIFFUSION_2 -> OpenClipNames.STABLE_DIFFUSION_2;
            case XL -> isOpenClip(textEncoder) ? OpenClipNames.XL : OpenAiClipNames.XL;
            case XL_REFINER -> OpenClipNames.REFINER;
        };
    }

    boolean isXl() {
        return this == XL || this == XL_REFINER;
    }

    /** A family's {@code model_index.json}; inpainting models are told by their UNet's 9 channels. */
    JsonObject index(int channels) {
        boolean inpaints = channels == 9;
        JsonObject index = new JsonObject();
        index.addProperty(
                "_class_name",
                switch (this) {
                    case STABLE_DIFFUSION_1, STABLE_DIFFUSION_2 ->
                        inpaints ? "StableDiffusionInpaintPipeline" : "StableDiffusionPipeline";
                    case XL -> inpaints ? "StableDiffusionXLInpaintPipeline" : "StableDiffusionXLPipeline";
                    case XL_REFINER -> "StableDiffusionXLImg2ImgPipeline";
                });
        if (isXl()) {
            index.addProperty("force_zeros_for_empty_prompt", this == XL);
        }
        if (this == XL_REFINER) {
            index.addProperty("requires_aesthetics_score", true);
        }
        part(index, "scheduler", "diffusers", isXl() ? "EulerDiscreteScheduler" : "PNDMScheduler");
        for (String encoder : textEncoders) {
            boolean second = encoder.endsWith("_2");
            part(index, encoder, "transformers", second ? "CLIPTextModelWithProjection" : "CLIPTextModel");
            part(index, second ? "tokenizer_2" : "tokenizer", "transformers", "CLIPTokenizer");
        }
        part(index, "unet", "diffusers", "UNet2DConditionModel");
        part(index, "vae", "diffusers", "AutoencoderKL");
        return index;
    }

    private static void part(JsonObject index, String part, String library, String type) {
        JsonArray libraryAndType = new JsonArray();
        libraryAndType.add(library);
        libraryAndType.add(type);
        index.add(part, libraryAndType);
    }

    /**
     * A family's {@code scheduler_config.json}.
     *
     * @param toZeroSnr whether the model was trained on noise alone at the last timestep, where runs then begin
     */
    JsonObject scheduler(String predictionType, boolean toZeroSnr) {
        String first = toZeroSnr ? "DDIMScheduler" : "PNDMScheduler";
        JsonObject scheduler = new JsonObject();
        scheduler.addProperty("_class_name", isXl() ? "EulerDiscreteScheduler" : first);
        scheduler.addProperty("beta_start", 0.00085);
        scheduler.addProperty("beta_end", 0.012);
        scheduler.addProperty("beta_schedule", "scaled_linear");
        scheduler.addProperty("num_train_timesteps", 1000);
        scheduler.addProperty("prediction_type", predictionType);
        scheduler.addProperty("steps_offset", 1);
        scheduler.addProperty("clip_sample", false);
        scheduler.addProperty("set_alpha_to_one", false);
        scheduler.addProperty("skip_prk_steps", true);
        if (toZeroSnr) {
            scheduler.addProperty("rescale_betas_zero_snr", true);
            scheduler.addProperty("timestep_spacing", "trailing");
        } else if (isXl()) {
            scheduler.addProperty("timestep_spacing", "leading");
        }
        return scheduler;
    }
}
