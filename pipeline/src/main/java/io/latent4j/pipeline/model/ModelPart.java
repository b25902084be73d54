package io.latent4j.pipeline.model;

/** What of a model is in memory together. */
public enum ModelPart {
    TEXT_ENCODERS,
    DENOISER,
    VAE
}
