package io.latent4j.pipeline.model.sdxl;

import com.google.gson.JsonObject;
import io.latent4j.pipeline.files.Prediction;
import io.latent4j.pipeline.files.TextLayout;
import io.latent4j.pipeline.files.TextLayout.Source;
import io.latent4j.pipeline.files.UNetLayout;
import java.util.List;
import java.util.Optional;

/**
 * Stable Diffusion XL in a single file, or its refiner, which has the second text encoder alone.
 *
 * @param isRefiner whether it is the refiner
 */
record StableDiffusionXlLayout(boolean isRefiner) implements UNetLayout {
    private static final int SIDE = 1024;

    @Override
    public String title() {
        return isRefiner ? "Stable Diffusion XL refiner" : "Stable Diffusion XL";
    }

    @Override
    public List<TextLayout> texts() {
        return isRefiner
                ? List.of(second("conditioner.embedders.0.model."))
                : List.of(
                        new TextLayout("text_encoder", "conditioner.embedders.0.transformer.", Source.OPENAI, false, 0),
                        second("conditioner.embedders.1.model."));
    }

    private static TextLayout second(String prefix) {
        return new TextLayout("text_encoder_2", prefix, Source.OPENCLIP, true, 0);
    }

    @Override
    public boolean labelled() {
        return true;
    }

    @Override
    public int side(Prediction prediction) {
        return SIDE;
    }

    @Override
    public int autoencoderSide() {
        return SIDE;
    }

    @Override
    public double latentScale() {
        return 0.13025;
    }

    @Override
    public String className(boolean inpaints) {
        if (isRefiner) {
            return "StableDiffusionXLImg2ImgPipeline";
        }
        return inpaints ? "StableDiffusionXLInpaintPipeline" : "StableDiffusionXLPipeline";
    }

    @Override
    public void addSettings(JsonObject index) {
        index.addProperty("force_zeros_for_empty_prompt", !isRefiner);
        if (isRefiner) {
            index.addProperty("requires_aesthetics_score", true);
        }
    }

    @Override
    public String sampler(boolean toZeroSnr) {
        return "EulerDiscreteScheduler";
    }

    @Override
    public Optional<String> spacing() {
        return Optional.of("leading");
    }
}
