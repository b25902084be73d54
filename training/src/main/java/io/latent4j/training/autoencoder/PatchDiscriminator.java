package io.latent4j.training.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import io.latent4j.core.config.Counted;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.GroupNorm;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells drawn images from decoded ones, patch by patch: the PatchGAN discriminator of <a
 * href="https://arxiv.org/abs/1611.07004">Isola et al. 2017</a>, appendix 6.1.2. Normalization is by groups of channels
 * and not by batch, so that an image's verdict does not hang on the others in its batch.
 */
final class PatchDiscriminator extends NamedBlock implements Layer {
    private static final float LEAK = 0.2f;
    private static final int MOST_TIMES_FIRST = 8;
    private static final int GROUPS = 8;

    private final List<Layer> layers = new ArrayList<>();

    /**
     * An untrained one.
     *
     * @param channels of the first layer, a multiple of 8; each further one has twice as many, up to 8 times
     * @param halvings how many layers halve height and width, 1 or more; 3 makes patches of 70 pixels
     */
    PatchDiscriminator(int channels, int halvings) {
        if (channels < 1 || channels % GROUPS != 0 || halvings < 1) {
            throw new IllegalArgumentException("the discriminator has " + Counted.of(channels, "channel") + " and "
                    + Counted.of(halvings, "layer") + "; expected a multiple of " + GROUPS + ", and 1 or more");
        }
        layers.add(child("layers.0", new Conv2d(3, channels, 4, 2, 1)));
        long in = channels;
        for (int i = 1; i <= halvings; i++) {
            long out = (long) channels * Math.min(1 << i, MOST_TIMES_FIRST);
            Conv2d conv = child("layers." + i, new Conv2d(in, out, 4, i < halvings ? 2 : 1, 1));
            GroupNorm norm = child("norms." + i, new GroupNorm(GROUPS, out, 1e-5));
            layers.add((pass, x) -> norm.forward(pass, conv.forward(pass, Activation.leakyRelu(x, LEAK))));
            in = out;
        }
        Conv2d verdict = child("verdict", new Conv2d(in, 1, 4, 1, 1));
        layers.add((pass, x) -> verdict.forward(pass, Activation.leakyRelu(x, LEAK)));
    }

    /** Verdicts on patches of images (N, 3, H, W) in [-1, 1]: above 0 for drawn, (N, 1, h, w). */
    @Override
    public NDArray forward(Pass pass, NDArray images) {
        NDArray h = images;
        for (Layer layer : layers) {
            h = layer.forward(pass, h);
        }
        return h;
    }
}
