package io.latent4j.training.autoencoder;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.vae.AutoencoderKL;
import java.util.List;

/**
 * How different images look, by the features of a network: equation 1 of <a
 * href="https://arxiv.org/abs/1801.03924">Zhang et al. 2018</a> with equal weights. The features are those of an
 * autoencoder's encoder after each of its levels.
 *
 * <p>Limitations: this is not LPIPS, whose features are VGG's and whose weights were fitted to what people say; its numbers
 * compare only with others by the same network.
 *
 * @param network is not changed; no array of it may require a gradient
 */
public record PerceptualDistance(AutoencoderKL network) {
    private static final double NOT_ZERO = 1e-10;
    private static final int[] CHANNELS = {1};

    /**
     * The mean distance, a scalar, through which gradients reach {@code decoded}.
     *
     * @param images (N, 3, H, W) in [-1, 1]
     * @param decoded of the same shape
     */
    public NDArray of(NDArray images, NDArray decoded) {
        List<NDArray> wanted = network.features(Pass.inference(), images);
        List<NDArray> got = network.features(Pass.inference(), decoded);
        NDArray sum = distance(wanted.get(0), got.get(0));
        for (int level = 1; level < wanted.size(); level++) {
            sum = sum.add(distance(wanted.get(level), got.get(level)));
        }
        return Ops.div(sum, (double) wanted.size());
    }

    private static NDArray distance(NDArray a, NDArray b) {
        return unit(a).sub(unit(b)).square().sum(CHANNELS).mean();
    }

    /** Of length 1 at each place. */
    private static NDArray unit(NDArray features) {
        NDArray length = features.square().sum(CHANNELS, true).add(NOT_ZERO).sqrt();
        return features.div(length);
    }
}
