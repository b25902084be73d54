package io.latent4j.schedulers.config;

/** The kinds of noise process that models are trained with. */
public enum ProcessKind {
    /** A schedule of training timesteps that preserves variance. */
    TRAINED_SCHEDULE,
    /** Straight lines from noise to data: {@link io.latent4j.schedulers.process.RectifiedFlow}. */
    RECTIFIED_FLOW,
    /** Any amount of noise: {@link io.latent4j.schedulers.process.EdmNoise}. */
    EDM
}
