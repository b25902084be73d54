package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * Independent normal values.
 *
 * @param mean (N, …)
 * @param logVariance of a shape that broadcasts to the mean's
 */
public record Normal(NDArray mean, NDArray logVariance) {

    /** Standard deviation, shaped as {@link #logVariance}. */
    public NDArray std() {
        return Ops.mul(logVariance, 0.5).exp();
    }

    /** A draw, from N(0, 1) noise of the mean's shape. */
    public NDArray sample(NDArray noise) {
        return mean.add(std().mul(noise));
    }

    /** The Kullback-Leibler divergence of {@code other} from this, {@code KL(this ‖ other)}, of each value in nats. */
    public NDArray kl(Normal other) {
        NDArray logRatio = logVariance.sub(other.logVariance);
        NDArray distance =
                mean.sub(other.mean).square().mul(other.logVariance.neg().exp());
        return Ops.mul(distance.add(logRatio.exp()).sub(logRatio).sub(1), 0.5);
    }
}
