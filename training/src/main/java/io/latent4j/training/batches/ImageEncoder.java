package io.latent4j.training.batches;

import io.latent4j.training.data.Batch;
import io.latent4j.training.data.CachedArray;
import java.io.IOException;

/** An autoencoder that makes latents of images and does not learn. For one thread. */
public interface ImageEncoder {

    /** A name for its weights and shape: another encoder has another. */
    String name();

    /** Channels of the latents. */
    int latentChannels();

    /** How many pixels of a side one latent stands for. */
    int pixelsPerLatent();

    /**
     * The mean of an image's latents and below it their deviation, (2C, H, W) in float32.
     *
     * @param image one alone, so that its latents do not depend on its company by a rounding
     */
    CachedArray encode(Batch image) throws IOException;

    /** Frees what it need not hold until the next image. */
    default void release() {}
}
