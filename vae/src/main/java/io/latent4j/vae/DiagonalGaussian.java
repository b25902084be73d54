package io.latent4j.vae;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * The distribution of an image's latents that the encoder answers: independent normals.
 *
 * @param mean (N, C, H, W)
 * @param logvar logarithm of the variance, within [-30, 20], (N, C, H, W)
 */
public record DiagonalGaussian(NDArray mean, NDArray logvar) {
    private static final float LOWEST = -30;
    private static final float HIGHEST = 20;

    /** From the encoder's output, mean and logarithm of the variance side by side: (N, 2C, H, W). */
    static DiagonalGaussian of(NDArray moments) {
        long channels = moments.getShape().get(1) / 2;
        return new DiagonalGaussian(
                moments.get(":, :" + channels),
                moments.get(":, " + channels + ":").clip(LOWEST, HIGHEST));
    }

    /** These latents and, but for a deviation of 3e-7, no others. */
    static DiagonalGaussian certain(NDArray latents) {
        return new DiagonalGaussian(latents, latents.mul(0).add(LOWEST));
    }

    /** Standard deviation, (N, C, H, W). */
    public NDArray std() {
        return Ops.mul(logvar, 0.5).exp();
    }

    /** The reparametrized sample {@code mean + std · noise}; {@code noise} is standard normal, (N, C, H, W). */
    public NDArray sample(NDArray noise) {
        return std().mul(noise).add(mean);
    }

    /** The most likely latents: the mean. */
    public NDArray mode() {
        return mean;
    }

    /**
     * The Kullback-Leibler divergence from the standard normal, in nats, summed over each sample: (N). Equation 10 of <a
     * href="https://arxiv.org/abs/1312.6114">Kingma &amp; Welling 2013</a>, its sign turned.
     */
    public NDArray kl() {
        NDArray each = Ops.mul(mean.square().add(logvar.exp()).sub(1).sub(logvar), 0.5);
        return each.sum(new int[] {1, 2, 3});
    }

    /** Minus the logarithm of the density at {@code latents}, in nats, summed over each sample: (N). */
    public NDArray nll(NDArray latents) {
        NDArray each = latents.sub(mean).square().div(logvar.exp()).add(logvar).add(Math.log(2 * Math.PI));
        return Ops.mul(each, 0.5).sum(new int[] {1, 2, 3});
    }
}
