package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import java.util.Optional;

/**
 * The autoencoder of FLUX.2: an {@link AutoencoderKL} whose latents are taken in squares of 2×2, four times the channels at
 * half the height and width, and brought to mean 0 and variance 1 channel by channel by the running statistics of a batch
 * normalization (<a href="https://arxiv.org/abs/1502.03167">Ioffe &amp; Szegedy 2015</a>, section 3.1) that nothing else is
 * left of: {@code y = (x - mean) / sqrt(variance + epsilon)}.
 *
 * <p>Channel {@code 4 c + 2 p + q} of a square is channel {@code c} at its row {@code p} and column {@code q}.
 */
public final class AutoencoderKLFlux2 extends NamedBlock implements Autoencoder {
    private static final int PATCH = AutoencoderKLFlux2Config.PATCH;
    private static final String COUNT = "bn.num_batches_tracked";

    private final AutoencoderKLFlux2Config config;
    private final AutoencoderKL network;
    private final Statistics statistics;

    /** A model without weights, for which no engine is needed. */
    public AutoencoderKLFlux2(AutoencoderKLFlux2Config config) {
        this.config = config;
        network = inline(new AutoencoderKL(config.base()));
        statistics = child("bn", new Statistics(config.latentChannels()));
    }

    /** Mean and variance of each channel, (C). */
    private static final class Statistics extends NamedBlock {
        private final Parameter mean;
        private final Parameter variance;

        Statistics(long channels) {
            mean = parameter("running_mean", Parameter.Type.RUNNING_MEAN, channels);
            variance = parameter("running_var", Parameter.Type.RUNNING_VAR, channels);
        }
    }

    @Override
    public AutoencoderKLFlux2Config config() {
        return config;
    }

    @Override
    public NamedBlock block() {
        return this;
    }

    /** The count of batches, which nothing depends on, is left out. */
    @Override
    public Optional<String> keyOf(String stored) {
        return stored.equals(COUNT) ? Optional.empty() : network.keyOf(stored);
    }

    @Override
    public DiagonalGaussian encode(Pass pass, NDArray images) {
        return patches(network.encode(pass, images));
    }

    @Override
    public DiagonalGaussian encodeInTiles(Pass pass, NDArray images, int side) {
        return patches(network.encodeInTiles(pass, images, side));
    }

    @Override
    public NDArray decode(Pass pass, NDArray latents) {
        return scoped(() -> network.decode(pass, latentsOf(latents)));
    }

    @Override
    public NDArray decodeInTiles(Pass pass, NDArray latents, int side) {
        return scoped(() -> network.decodeInTiles(pass, latentsOf(latents), side));
    }

    private static DiagonalGaussian patches(DiagonalGaussian latents) {
        return new DiagonalGaussian(patches(latents.mean()), patches(latents.logvar()));
    }

    /** The network's own latents (N, C, h, w) in squares, (N, 4 C, h/2, w/2). */
    static NDArray patches(NDArray latents) {
        Shape s = latents.getShape();
        return latents.reshape(s.get(0), s.get(1), s.get(2) / PATCH, PATCH, s.get(3) / PATCH, PATCH)
                .transpose(0, 1, 3, 5, 2, 4)
                .reshape(s.get(0), s.get(1) * PATCH * PATCH, s.get(2) / PATCH, s.get(3) / PATCH);
    }

    /** The network's own latents of squares (N, 4 C, h, w): (N, C, 2 h, 2 w). */
    public static NDArray latentsOf(NDArray patches) {
        Shape s = patches.getShape();
        return patches.reshape(s.get(0), s.get(1) / (PATCH * PATCH), PATCH, PATCH, s.get(2), s.get(3))
                .transpose(0, 1, 4, 2, 5, 3)
                .reshape(s.get(0), s.get(1) / (PATCH * PATCH), s.get(2) * PATCH, s.get(3) * PATCH);
    }

    @Override
    public NDArray scaled(NDArray latents) {
        return scoped(() -> latents.sub(each(statistics.mean, latents)).div(deviation(latents)));
    }

    @Override
    public NDArray unscaled(NDArray latents) {
        return scoped(() -> latents.mul(deviation(latents)).add(each(statistics.mean, latents)));
    }

    private NDArray deviation(NDArray like) {
        return each(statistics.variance, like).add(config.normEpsilon()).sqrt();
    }

    private static NDArray each(Parameter parameter, NDArray like) {
        NDArray values = parameter.getArray();
        return Ops.castLike(values, like).reshape(1, values.size(), 1, 1);
    }
}
