package io.latent4j.pipeline.request;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.latent4j.core.image.Images;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.pipeline.model.ModelPart;
import io.latent4j.pipeline.model.WeightLease;
import io.latent4j.pipeline.run.Run;
import java.awt.image.BufferedImage;

/** What an {@link Upscale} makes larger, and how. */
public enum Upscaler {
    /** The image, by cubic interpolation: it is decoded and encoded again. Keeps shapes at a low strength. */
    PIXELS("Pixels"),
    /** The latents, each repeated: sharp, with blocks that a strength of 0.5 and more paints over. */
    LATENTS_NEAREST("Latent (nearest)"),
    /** The latents, by linear interpolation: soft at a low strength. */
    LATENTS_BILINEAR("Latent"),
    /** The latents, by cubic interpolation. */
    LATENTS_BICUBIC("Latent (bicubic)");

    private final String title;

    Upscaler(String title) {
        this.title = title;
    }

    /** What front ends call it; images carry it. */
    public String title() {
        return title;
    }

    /**
     * Makes the clean latents of a run those of a larger one.
     *
     * @param latents (N, C, h, w)
     * @param larger says the size
     */
    public NDArray enlarged(NDArray latents, Run larger) {
        long height = larger.height() / larger.downscale();
        long width = larger.width() / larger.downscale();
        return switch (this) {
            case PIXELS -> repainted(latents, larger);
            case LATENTS_NEAREST -> Ops.upsampleNearest(latents, height, width);
            case LATENTS_BILINEAR -> Ops.upsampleBilinear(latents, height, width);
            case LATENTS_BICUBIC -> Ops.upsampleBicubic(latents, height, width);
        };
    }

    private static NDArray repainted(NDArray latents, Run larger) {
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
