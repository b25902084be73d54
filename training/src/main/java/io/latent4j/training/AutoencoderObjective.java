package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
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
    private final AutoencoderLoss loss;
    private final long seed;
    private final NDManager manager;

    AutoencoderObjective(
            AutoencoderKL vae,
            PictureBatches batches,
            PictureBatches setAside,
            AutoencoderLoss loss,
            long seed,
            NDManager manager) {
        this.vae = vae;
        this.batches = batches;
        this.setAside = setAside;
        this.loss = loss;
        this.seed = seed;
        this.manager = manager;
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        NDArray pictures = batches.batch(step - 1 + part * (1L << 32), manager);
        TorchRandom random = new TorchRandom(Draws.of(seed, step, part).bits());
        AutoencoderLoss.Terms terms = loss.of(pass, vae, pictures, random.normal(manager, latents(pictures)));
        return new Loss(
                terms.total(),
                ImmutableMap.of(
                        "l1", terms.l1(), "l2", terms.l2(), "kl", terms.kl().mean()));
    }

    /** The shape of the latents of {@code pictures}. */
    private Shape latents(NDArray pictures) {
        int f = vae.config().downscale();
        Shape shape = pictures.getShape();
        return new Shape(shape.get(0), vae.config().latentChannels(), shape.get(2) / f, shape.get(3) / f);
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
