package io.latent4j.pipeline.model.sd;

import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.Prediction;
import io.latent4j.pipeline.files.TextLayout;
import io.latent4j.pipeline.files.TextLayout.Source;
import io.latent4j.pipeline.files.UNetLayout;
import java.io.IOException;
import java.util.List;

/** Stable Diffusion 1 in a single file: eight heads at each level, and OpenAI's text encoder. */
record StableDiffusion1Layout() implements UNetLayout {
    private static final TextLayout TEXT =
            new TextLayout("text_encoder", "cond_stage_model.transformer.", Source.OPENAI, false, 0);
    private static final int SIDE = 512;
    private static final int HEADS = 8;

    @Override
    public String title() {
        return "Stable Diffusion 1";
    }

    @Override
    public List<TextLayout> texts() {
        return List.of(TEXT);
    }

    @Override
    public boolean labelled() {
        return false;
    }

    @Override
    public int heads(int width) {
        return HEADS;
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
        return StableDiffusionFamily.LATENT_SCALE;
    }

    @Override
    public String className(boolean inpaints) {
        return StableDiffusionFamily.className(inpaints);
    }

    @Override
    public String sampler(boolean toZeroSnr) {
        return StableDiffusionFamily.sampler(toZeroSnr);
    }

    @Override
    public boolean writes(ModelFiles model) throws IOException {
        return UNetLayout.super.writes(model) && TEXT.fits(model.json("text_encoder/config.json"));
    }
}
