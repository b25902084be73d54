package io.latent4j.pipeline.model.sd;

import io.latent4j.pipeline.files.FileTensors;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.Prediction;
import io.latent4j.pipeline.files.TextLayout;
import io.latent4j.pipeline.files.TextLayout.Source;
import io.latent4j.pipeline.files.UNetLayout;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Stable Diffusion 2 in a single file: OpenCLIP's text encoder, whose last layer is not run. There are two models. That of
 * 768 pixels predicts velocity, that of 512 and the one that inpaints predict noise.
 */
record StableDiffusion2Layout() implements UNetLayout {
    private static final TextLayout TEXT =
            new TextLayout("text_encoder", "cond_stage_model.model.", Source.OPENCLIP, false, 1);
    private static final int SIDE = 512;
    private static final int LARGE_SIDE = 768;
    private static final Pattern BASE = Pattern.compile("(^|\\W|_)(base|512)(\\W|_|$)");
    private static final String STEPS_OF_BASE = "875000";

    @Override
    public String title() {
        return "Stable Diffusion 2";
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
    public int side(Prediction prediction) {
        return prediction.type().equals(Prediction.VELOCITY) ? LARGE_SIDE : SIDE;
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

    /**
     * Velocity, unless the model inpaints, the file's name says {@code base}, or it was trained for the 875000 steps of the
     * published base model.
     */
    @Override
    public boolean predictsVelocity(FileTensors tensors, Map<String, String> metadata) {
        return !metadata.getOrDefault("global_step", "").equals(STEPS_OF_BASE)
                && !inpaints(tensors)
                && !BASE.matcher(String.valueOf(tensors.path().getFileName())).find();
    }

    @Override
    public boolean writes(ModelFiles model) throws IOException {
        return UNetLayout.super.writes(model) && TEXT.fits(model.json("text_encoder/config.json"));
    }
}
