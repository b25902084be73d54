package io.latent4j.training;

import io.latent4j.training.data.Batch;
import io.latent4j.training.data.CachedArray;
import io.latent4j.vae.AutoencoderConfig;
import java.io.IOException;

/** An autoencoder that makes latents of pictures and does not learn. For one thread. */
interface PictureEncoder {

    /** A name for its weights and shape: another encoder has another. */
    String name();

    AutoencoderConfig config();

    /**
     * The mean of a picture's latents and below it their deviation, (2C, H, W) in float32.
     *
     * @param picture one alone, so that its latents do not depend on its company by a rounding
     */
    CachedArray encode(Batch picture) throws IOException;

    /** Frees what it need not hold until the next picture. */
    default void letGo() {}
}
