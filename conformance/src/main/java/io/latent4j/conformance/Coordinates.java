package io.latent4j.conformance;

import io.latent4j.schedulers.NoiseLevel;

/**
 * Between latents here, {@code alpha · x0 + sigma · eps}, and those of a scheduler class of the reference implementation,
 * whose Euler family keeps {@code x0 + sigma / alpha · eps}.
 *
 * @param dividesByAlpha whether the reference's latents are ours divided by alpha
 */
record Coordinates(boolean dividesByAlpha) {

    /** Those of the class called {@code className}. */
    static Coordinates of(String className) {
        return new Coordinates(className.startsWith("Euler"));
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
