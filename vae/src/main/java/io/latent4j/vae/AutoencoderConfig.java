package io.latent4j.vae;

/** What others need to know of an autoencoder's shape. */
public sealed interface AutoencoderConfig permits AutoencoderKLConfig, AutoencoderKLFlux2Config, AutoencoderTinyConfig {

    /** How many pixels of an image's side make one of the latents': 8 in Stable Diffusion. */
    int downscale();

    /** Channels of the latents. */
    int latentChannels();

    /** The diffusion model's latents are the autoencoder's, less {@link #shiftFactor}, times this. */
    double scalingFactor();

    /** What is taken from the autoencoder's latents before they are scaled. */
    default double shiftFactor() {
        return 0;
    }
}
