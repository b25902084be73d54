package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.data.Draws;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.DiagonalGaussian;
import java.util.Map;

/**
 * Learns to give pictures back from their latents, and latents near the standard normal: equation 3 of <a
 * href="https://arxiv.org/abs/1312.6114">Kingma &amp; Welling 2013</a> with a weight on the divergence.
 */
public final class AutoencoderObjective implements Objective {
    private final AutoencoderKL vae;
    private final PictureBatches batches;
    private final PictureBatches setAside;
    private final Settings settings;
    private final NDManager manager;

    /** How the distance of two pictures is taken. */
    public enum Reconstruction {
        /** The mean of absolute differences. */
        L1 {
            @Override
            NDArray of(NDArray difference) {
                return difference.abs().mean();
            }
        },
        /** The mean of squared differences. */
        L2 {
            @Override
            NDArray of(NDArray difference) {
                return difference.square().mean();
            }
        };

        abstract NDArray of(NDArray difference);
    }

    /**
     * What the loss is made of.
     *
     * @param kl the weight of the divergence, which is summed over a picture's latents and averaged over pictures
     */
    public record Settings(Reconstruction reconstruction, double kl, long seed) {
        public Settings {
            if (!(kl >= 0 && Double.isFinite(kl))) {
                throw new IllegalArgumentException("kl is " + kl + "; expected 0 or more");
            }
        }
    }

    /** Batches of pictures by number, the same whenever asked: (N, 3, H, W) in [-1, 1]. */
    @FunctionalInterface
    interface PictureBatches {
        NDArray batch(long number, NDManager manager);
    }

    AutoencoderObjective(
            AutoencoderKL vae, PictureBatches batches, PictureBatches setAside, Settings settings, NDManager manager) {
        this.vae = vae;
        this.batches = batches;
        this.setAside = setAside;
        this.settings = settings;
        this.manager = manager;
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        NDArray pictures = batches.batch(step - 1 + part * (1L << 32), manager);
        DiagonalGaussian encoded = vae.encode(pass, pictures);
        TorchRandom random = new TorchRandom(Draws.of(settings.seed, step, part).bits());
        NDArray latents = encoded.sample(random.normal(manager, encoded.mean().getShape()));
        NDArray difference = vae.decode(pass, latents).sub(pictures);
        NDArray reconstruction = settings.reconstruction.of(difference);
        NDArray kl = encoded.kl().mean();
        return new Loss(
                reconstruction.add(kl.mul((float) settings.kl)),
                ImmutableMap.of("reconstruction", reconstruction, "kl", kl));
    }

    @Override
    @SuppressWarnings("try")
    public Map<String, Double> validate() {
        try (NDScope scope = new NDScope()) {
            NDArray pictures = setAside.batch(0, manager);
            DiagonalGaussian encoded = vae.encode(Pass.inference(), pictures);
            NDArray back = vae.decode(Pass.inference(), encoded.mode());
            double error = back.sub(pictures).square().mean().getFloat();
            return ImmutableMap.of(
                    "mse",
                    error,
                    "psnr",
                    10 * Math.log10(4 / error), // pictures span 2
                    "kl",
                    (double) encoded.kl().mean().getFloat());
        }
    }
}
