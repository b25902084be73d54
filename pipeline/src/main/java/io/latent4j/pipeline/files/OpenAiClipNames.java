package io.latent4j.pipeline.files;

/** The text encoder of Stable Diffusion 1 in a single file, whose keys are today's behind a prefix. */
final class OpenAiClipNames extends OriginalNames {
    static final String STABLE_DIFFUSION_1 = "cond_stage_model.transformer.";
    static final String XL = "conditioner.embedders.0.transformer.";

    OpenAiClipNames(String prefix) {
        super(prefix);
    }
}
