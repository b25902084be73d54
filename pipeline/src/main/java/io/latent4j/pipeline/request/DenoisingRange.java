package io.latent4j.pipeline.request;


/**
 * A part of the way from noise to an image, told in the share of the training timesteps that lie behind: SDXL's base model
 * goes from 0 to 0.8 for instance, and its refiner from 0.8 to 1. A run that starts from an image starts at the later of
 * what the stretch and the image's strength say.
 */
public record DenoisingRange(double start, double end) {
    /** The whole way. */
    public static final DenoisingRange ALL = new DenoisingRange(0, 1);

    public DenoisingRange {
        boolean holds = start >= 0 && start < end && end <= 1;
        GenerationRequest.check(
                holds, "the stretch", start + " to " + end, "a start of 0 or more, below an end of at most 1");
    }
}
