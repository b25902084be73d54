package io.latent4j.service.job;

import java.util.Objects;

/**
 * A second model that takes over part of the denoising trajectory.
 *
 * @param model named as the job's model is
 * @param from the fraction of the denoising trajectory after which it takes over, between 0 and 1
 */
public record RefinerUse(String model, double from) {
    private static final double FROM = 0.8;

    public RefinerUse {
        Objects.requireNonNull(model, "model");
        if (!(from >= 0 && from < 1)) {
            throw new IllegalArgumentException("the refiner's start is " + from + "; expected 0 or more, and below 1");
        }
    }

    /** Takes over at 0.8, as SDXL's refiner does. */
    public RefinerUse(String model) {
        this(model, FROM);
    }
}
