package io.latent4j.pipeline;

import io.latent4j.core.config.ConfigJson;

/**
 * What a model makes best, where a request leaves it open.
 *
 * @param width in pixels
 * @param height in pixels
 * @param steps denoising steps
 * @param guidanceScale of classifier-free guidance
 */
public record ModelDefaults(int width, int height, int steps, double guidanceScale) {
    private static final int STEPS = 25;
    private static final double GUIDANCE_SCALE = 7.5;

    /**
     * From a model's {@code model_index.json}: its keys {@code latent4j_steps} and {@code latent4j_guidance_scale} where
     * it has them, and the size its UNet was trained at.
     */
    static ModelDefaults of(ConfigJson index, int side) {
        index.requirePositive("latent4j_steps");
        double guidanceScale = index.real("latent4j_guidance_scale", GUIDANCE_SCALE);
        if (!(guidanceScale >= 0 && guidanceScale <= Guidance.MOST_SCALE)) {
            throw index.bad(
                    "latent4j_guidance_scale", "is " + guidanceScale + "; expected 0 to " + Guidance.MOST_SCALE);
        }
        return new ModelDefaults(side, side, index.integer("latent4j_steps", STEPS), guidanceScale);
    }
}
