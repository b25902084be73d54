package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.latent4j.core.image.Images;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.WeightLease;
import java.awt.image.BufferedImage;

/** Makes latents larger, as an {@link io.latent4j.pipeline.request.Upscaler} says. */
final class Enlargement {
    private Enlargement() {}

    /**
     * Makes clean latents those of a larger run.
     *
     * @param latents (N, C, h, w)
     * @param larger has the size, and the upscaler in its request
     */
    static NDArray enlarged(NDArray latents, Run larger) {
        long height = larger.height() / larger.downscale();
        long width = larger.width() / larger.downscale();
        return switch (larger.request().upscale().orElseThrow().by()) {
            case PIXELS -> throughPixels(latents, larger);
            case LATENTS_NEAREST -> Ops.upsampleNearest(latents, height, width);
            case LATENTS_BILINEAR -> Ops.upsampleBilinear(latents, height, width);
            case LATENTS_BICUBIC -> Ops.upsampleBicubic(latents, height, width);
        };
    }

    private static NDArray throughPixels(NDArray latents, Run larger) {
        LatentCodec codec = larger.codec();
        NDList encoded = new NDList();
        try (WeightLease vae = larger.parts().use(ModelPart.VAE)) {
            for (BufferedImage image : codec.images(latents)) {
                BufferedImage resized = Images.resized(image, larger.width(), larger.height());
                encoded.add(codec.encode(Images.toArray(latents.getManager(), resized)));
            }
        }
        return NDArrays.concat(encoded);
    }
}
