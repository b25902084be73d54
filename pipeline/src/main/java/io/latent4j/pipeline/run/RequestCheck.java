package io.latent4j.pipeline.run;

import io.latent4j.core.config.Counted;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import java.util.List;

/** What a request must not combine, and what a model must have for it. */
final class RequestCheck {
    private RequestCheck() {}

    /** @throws IllegalArgumentException if the model cannot do what is asked, or two things do not go together */
    static void check(GenerationRequest request, Model parts, List<LoraUse> adapters, List<AttachedControl> controls) {
        for (LoraUse use : adapters) {
            if (!use.lora().isFor(parts.denoiser().block())) {
                throw new IllegalArgumentException("the adapter " + use.lora().name()
                        + " was read for another model's weights; expected one of this model, from Components.lora");
            }
        }
        for (AttachedControl control : controls) {
            if (!control.net().isFor(parts)) {
                throw new IllegalArgumentException(
                        "the control network " + control.net().name()
                                + " was loaded for another model; expected one of this model, from Components.controlNet");
            }
        }
        checkReferences(request, parts);
        checkUpscale(request);
    }

    private static void checkReferences(GenerationRequest request, Model parts) {
        int given = request.prompt().references().size();
        int most = parts.denoiser().mostReferences();
        if (given > most) {
            throw new IllegalArgumentException("there " + (given == 1 ? "is" : "are") + " "
                    + Counted.of(given, "reference image") + ", and " + parts.name() + " takes "
                    + (most == 0
                            ? "none; expected a model that is told images, FLUX.2 klein for instance, or an image to"
                                    + " start from"
                            : "at most " + most));
        }
    }

    private static void checkUpscale(GenerationRequest request) {
        if (request.upscale().isPresent() && !request.sampling().range().equals(DenoisingRange.ALL)) {
            throw new IllegalArgumentException(
                    "upscaling starts from a finished image; expected the whole denoising" + " range, and no refiner");
        }
    }
}
