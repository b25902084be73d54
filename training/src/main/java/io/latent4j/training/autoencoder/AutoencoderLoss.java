package io.latent4j.training.autoencoder;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.DiagonalGaussian;

/**
 * How far images are from what comes back from their latents, and the latents from the standard normal: equation 3 of <a
 * href="https://arxiv.org/abs/1312.6114">Kingma &amp; Welling 2013</a> with weights.
 *
 * @param l1 the weight of the mean of absolute differences
 * @param l2 the weight of the mean of squared differences
 * @param kl the weight of the divergence, which is summed over an image's latents and averaged over images
 */
public record AutoencoderLoss(double l1, double l2, double kl) {

    /**
     * A batch's loss and what led to it.
     *
     * @param latents of the images
     * @param decoded the images that came back, (N, 3, H, W)
     * @param l1 the mean absolute difference, a scalar
     * @param l2 the mean squared difference, a scalar
     * @param reconstruction both, weighted, a scalar
     * @param kl the divergence of each image's latents, (N)
     * @param total what is minimized, a scalar
     */
    public record Terms(
            DiagonalGaussian latents,
            NDArray decoded,
            NDArray l1,
            NDArray l2,
            NDArray reconstruction,
            NDArray kl,
            NDArray total) {}

    public AutoencoderLoss {
        check("l1", l1);
        check("l2", l2);
        check("kl", kl);
        if (l1 + l2 == 0) {
            throw new IllegalArgumentException("l1 and l2 are 0; expected one of them above 0");
        }
    }

    private static void check(String name, double weight) {
        if (!(weight >= 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException(name + " is " + weight + "; expected 0 or more");
        }
    }

    /**
     * The loss of a batch.
     *
     * @param images (N, 3, H, W) in [-1, 1]
     * @param noise standard normal, of the latents' shape
     */
    public Terms of(Pass pass, AutoencoderKL vae, NDArray images, NDArray noise) {
        DiagonalGaussian encoded = vae.encode(pass, pass.enter(images));
        DiagonalGaussian latents = new DiagonalGaussian(pass.leave(encoded.mean()), pass.leave(encoded.logvar()));
        NDArray decoded = pass.leave(vae.decode(pass, pass.enter(latents.sample(noise))));
        NDArray difference = decoded.sub(images);
        NDArray absolute = difference.abs().mean();
        NDArray squared = difference.square().mean();
        NDArray divergence = latents.kl();
        NDArray reconstruction = Ops.mul(absolute, l1).add(Ops.mul(squared, l2));
        NDArray total = reconstruction.add(Ops.mul(divergence.mean(), kl));
        return new Terms(latents, decoded, absolute, squared, reconstruction, divergence, total);
    }
}
