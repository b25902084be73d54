package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * A point of the diffusion process, where {@code x = alpha · x0 + sigma · eps} and {@code alpha² + sigma² = 1}; in a
 * rectified flow {@code alpha + sigma = 1} instead.
 *
 * @param timestep what the network is told, 0 to the number of training timesteps as a rule; may be fractional
 * @param alpha the share of the clean data, 0 to 1
 * @param sigma the share of the noise, 0 to 1
 */
public record NoiseLevel(double timestep, double alpha, double sigma) {
    /** No noise at all: where a run usually ends. */
    public static final NoiseLevel CLEAN = new NoiseLevel(0, 1, 0);

    private static final double TOLERANCE = 1e-5;

    public NoiseLevel {
        boolean keepsVariance = Math.abs(alpha * alpha + sigma * sigma - 1) < TOLERANCE;
        boolean flows = Math.abs(alpha + sigma - 1) < TOLERANCE;
        if (!(alpha >= 0 && sigma >= 0 && (keepsVariance || flows))) {
            throw new IllegalArgumentException("alpha is " + alpha + " and sigma " + sigma
                    + "; expected none negative and alpha² + sigma² = 1, or alpha + sigma = 1 in a flow");
        }
    }

    /** The level whose {@link #ratio()} is {@code ratio}. */
    public static NoiseLevel ofRatio(double timestep, double ratio) {
        double alpha = 1 / Math.sqrt(1 + ratio * ratio);
        return new NoiseLevel(timestep, alpha, ratio * alpha);
    }

    /** The level of a rectified flow with {@code sigma} noise, 0 to 1, and the rest clean data. */
    public static NoiseLevel ofFlow(double timestep, double sigma) {
        return new NoiseLevel(timestep, 1 - sigma, sigma);
    }

    /**
     * Noise to signal, {@code sigma / alpha}: the sigma of samplers that work at {@code x0 + ratio · eps}. Their latents
     * are ours divided by {@link #alpha()}.
     */
    public double ratio() {
        return sigma / alpha;
    }

    /** Signal to noise, {@code alpha² / sigma²}; +∞ at {@link #CLEAN}. The time of the noise that SDE samplers add. */
    public double snr() {
        return alpha * alpha / (sigma * sigma);
    }

    /** λ, half the log signal-to-noise ratio; +∞ at {@link #CLEAN}. */
    public double lambda() {
        return Math.log(alpha / sigma);
    }

    /** The noise in {@code x} if {@code x0}, of equal shape, is the clean part: {@code (x − alpha · x0) / sigma}. */
    public NDArray eps(NDArray x, NDArray x0) {
        return x.sub(x0.mul(alpha)).div(sigma);
    }

    /** Adds the noise {@code eps} to {@code x0}, of equal shape: {@code alpha · x0 + sigma · eps}. */
    public NDArray mix(NDArray x0, NDArray eps) {
        return Ops.mul(x0, alpha).add(Ops.mul(eps, sigma));
    }
}
