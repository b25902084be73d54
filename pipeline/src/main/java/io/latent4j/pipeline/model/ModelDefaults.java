package io.latent4j.pipeline.model;

import io.latent4j.core.config.Config;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.unet.UNet2DConditionConfig;

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
    private static final int DISTILLED_STEPS = 4;
    private static final double TOLD_GUIDANCE_SCALE = 8.5;

    /**
     * From a model's {@code model_index.json}: its keys {@code latent4j_steps} and {@code latent4j_guidance_scale} where
     * it has them, and the size its UNet was trained at. A model that was distilled to few steps makes few, and is guided
     * already.
     */
    static ModelDefaults of(Config index, int side, SchedulerConfig scheduler, UNet2DConditionConfig unet) {
        boolean distilled = scheduler.isDistilled() || unet.takesGuidance();
        double open = unet.takesGuidance() ? TOLD_GUIDANCE_SCALE : distilled ? 1 : GUIDANCE_SCALE;
        return of(index, side, distilled ? DISTILLED_STEPS : STEPS, open);
    }

    /**
     * From a model's {@code model_index.json}: its keys {@code latent4j_steps} and {@code latent4j_guidance_scale} where
     * it has them.
     *
     * @param side of the images, in pixels
     * @param usual steps, where it says nothing
     * @param scale of guidance, where it says nothing
     */
    public static ModelDefaults of(Config index, int side, int usual, double scale) {
        index.requirePositive("latent4j_steps");
        int steps = index.integer("latent4j_steps", usual);
        double guidanceScale = index.real("latent4j_guidance_scale", scale);
        if (!(guidanceScale >= 0 && guidanceScale <= Guidance.MOST_SCALE)) {
            throw index.bad(
                    "latent4j_guidance_scale", "is " + guidanceScale + "; expected 0 to " + Guidance.MOST_SCALE);
        }
        return new ModelDefaults(side, side, steps, guidanceScale);
    }
}
