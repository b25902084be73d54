package io.latent4j.pipeline.request;

/**
 * A part of the denoising trajectory, in fractions of it that lie behind: SDXL's base model goes from 0 to 0.8 for instance,
 * and its refiner from 0.8 to 1. In {@link Sampling} fractions are of training timesteps, and a run that starts from an
 * image starts at the later of the range's start and what the image's strength gives.
 */
public record DenoisingRange(double start, double end) {
    /** The whole trajectory. */
    public static final DenoisingRange ALL = new DenoisingRange(0, 1);

    public DenoisingRange {
        boolean holds = start >= 0 && start < end && end <= 1;
        Checks.check(
                holds, "the denoising range", start + " to " + end, "a start of 0 or more, below an end of at most 1");
    }
}
