package io.latent4j.conformance;

import io.latent4j.schedulers.NoiseLevel;
import java.util.List;

/**
 * Between latents here, {@code alpha · x0 + sigma · eps}, and those of a scheduler class of the reference implementation,
 * whose samplers after Karras et al. keep {@code x0 + sigma / alpha · eps}.
 *
 * @param dividesByAlpha whether the reference's latents are ours divided by alpha
 */
record Coordinates(boolean dividesByAlpha) {
    private static final List<String> DIVIDING = List.of("Euler", "EDM", "LMS", "Heun", "KDPM2", "DPMSolverSDE");

    /** Those of the class called {@code className}. */
    static Coordinates of(String className) {
        return new Coordinates(DIVIDING.stream().anyMatch(className::startsWith));
    }

    /** What latents of the reference at {@code level} are multiplied by to become ours. */
    double toOurs(NoiseLevel level) {
        return dividesByAlpha ? level.alpha() : 1;
    }

    /** Our {@code latents} at {@code level} as the reference has them. */
    float[] toReference(float[] latents, NoiseLevel level) {
        double factor = 1 / toOurs(level);
        float[] converted = new float[latents.length];
        for (int i = 0; i < latents.length; i++) {
            converted[i] = (float) (latents[i] * factor);
        }
        return converted;
    }
}
