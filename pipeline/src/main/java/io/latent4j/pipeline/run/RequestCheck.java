package io.latent4j.pipeline.run;

import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;

/** What a request must not combine, and what a model must have for it. */
final class RequestCheck {
    private RequestCheck() {}

    /** @throws IllegalArgumentException if the model cannot do what is asked, or two things do not go together */
    static void check(GenerationRequest request, Model parts) {
        for (LoraUse use : request.loras()) {
            if (!use.lora().isFor(parts.denoiser().block())) {
                throw new IllegalArgumentException("the adapter " + use.lora().name()
                        + " was read for another model's weights; expected one of this model, from Components.lora");
            }
        }
        for (ControlInput control : request.controls()) {
            if (!control.net().isFor(parts)) {
                throw new IllegalArgumentException(
                        "the control network " + control.net().name()
                                + " was loaded for another model; expected one of this model, from Components.controlNet");
            }
        }
        checkImage(request);
    }

    private static void checkImage(GenerationRequest request) {
        if (request.image().isEmpty() && request.inpainting().isPresent()) {
            throw new IllegalArgumentException("there is a mask, but no image that it belongs to; expected both");
        }
        if (request.image().isPresent() && request.upscale().isPresent()) {
            throw new IllegalArgumentException(
                    "there is an image to start from, and upscaling; expected one of them: an"
                            + " image is scaled to the width and height asked for");
        }
        if (request.upscale().isPresent() && !request.stretch().equals(DenoisingRange.ALL)) {
            throw new IllegalArgumentException("upscaling starts from a finished image; expected the whole way, and no"
                    + " refiner that takes over");
        }
    }
}
