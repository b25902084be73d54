package io.latent4j.schedulers.continuous;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.NoiseLevel;

/**
 * A diffusion {@code dx = drift(t) · x dt + diffusion(t) dw} from data at time 0 to noise at time 1. Given the data
 * {@code x0}, {@code x} at time t is {@code scale(t) · x0 + std(t) · eps}. Implementations are values.
 */
public interface Sde {

    /** What of {@code x} its drift is, per time. */
    double drift(double t);

    /** How much noise comes in, per square root of time. */
    double diffusion(double t);

    /** How much of the data there is. */
    double scale(double t);

    /** The standard deviation of the noise. */
    double std(double t);

    /** What discrete networks are told for time {@code t}: as the paper's own code, 0 to 999. */
    default double timestep(double t) {
        return 999 * t;
    }

    /** The earliest time to work at: before it the score may be endless. */
    default double earliest() {
        return 1e-5;
    }

    /** The standard deviation that x is taken to have at time 1, with mean 0. */
    double priorStd();

    /** Where the SDE is at time {@code t}, in the schedulers' terms. */
    default NoiseLevel level(double t) {
        return NoiseLevel.ofRatio(timestep(t), std(t) / scale(t));
    }

    /** x at time 1, from N(0, 1) noise of its shape. */
    default NDArray prior(NDArray noise) {
        return noise.mul(priorStd());
    }

    /** x at time {@code t}, from the data and N(0, 1) noise. */
    default NDArray noisy(NDArray x0, NDArray eps, double t) {
        return Ops.mul(x0, scale(t)).add(Ops.mul(eps, std(t)));
    }
}
