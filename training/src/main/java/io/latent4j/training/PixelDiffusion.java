package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.data.Draws;
import io.latent4j.unet.UNet2DModel;
import java.util.Map;

/**
 * Learns to tell the noise in pictures, without text: algorithm 1 of <a href="https://arxiv.org/abs/2006.11239">Ho et al.
 * 2020</a>.
 */
final class PixelDiffusion implements Objective {
    private static final int VALIDATION_LEVELS = 8;

    private final UNet2DModel unet;
    private final PictureBatches batches;
    private final PictureBatches setAside;
    private final DiffusionFile diffusion;
    private final TimestepSampler timesteps;
    private final long seed;
    private final NDManager manager;

    PixelDiffusion(
            UNet2DModel unet,
            PictureBatches batches,
            PictureBatches setAside,
            DiffusionFile diffusion,
            long seed,
            NDManager manager) {
        this.unet = unet;
        this.batches = batches;
        this.setAside = setAside;
        this.diffusion = diffusion;
        this.timesteps = new TimestepSampler(
                diffusion.timesteps(), diffusion.loss().process().noise().timesteps(), manager);
        this.seed = seed;
        this.manager = manager;
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        NDArray pictures = batches.batch(step - 1 + part * (1L << 32), manager);
        int count = Math.toIntExact(pictures.getShape().get(0));
        Draws draws = Draws.of(seed, step, part);
        TimestepSampler.Drawn drawn = timesteps.draw(draws, count);
        TorchRandom random = new TorchRandom(draws.bits());
        NDArray eps = random.normal(manager, pictures.getShape());
        if (diffusion.noiseOffset() > 0) {
            Shape perChannel = new Shape(count, pictures.getShape().get(1), 1, 1);
            eps = eps.add(random.normal(manager, perChannel).mul(diffusion.noiseOffset()));
        }
        DiffusionLoss.Terms terms = terms(diffusion.loss(), pass, pictures, eps, drawn.timesteps());
        return new Loss(timesteps.mean(drawn, terms.losses()), terms.figures());
    }

    /** The mean error over pictures set aside, each at a noise level of its own. */
    @Override
    @SuppressWarnings("try")
    public Map<String, Double> validate() {
        try (NDScope scope = new NDScope()) {
            NDArray pictures = setAside.batch(0, manager);
            int[] levels = new int[Math.toIntExact(pictures.getShape().get(0))];
            if (levels.length == 0) {
                return Map.of();
            }
            int last = diffusion.loss().process().noise().timesteps();
            for (int i = 0; i < levels.length; i++) {
                levels[i] = (int) ((i % VALIDATION_LEVELS + 0.5) / VALIDATION_LEVELS * last);
            }
            NDArray eps = new TorchRandom(0).normal(manager, pictures.getShape());
            DiffusionLoss.Terms terms =
                    terms(diffusion.loss().withEqualWeights(), Pass.inference(), pictures, eps, levels);
            ImmutableMap.Builder<String, Double> figures = ImmutableMap.builder();
            figures.put("loss", (double) terms.simple().mean().getFloat());
            terms.bound()
                    .ifPresent(
                            bound -> figures.put("bound", (double) bound.mean().getFloat()));
            return figures.buildOrThrow();
        }
    }

    private DiffusionLoss.Terms terms(DiffusionLoss loss, Pass pass, NDArray x0, NDArray eps, int... timesteps) {
        return loss.of((noisy, times) -> unet.forward(pass, noisy, times), x0, eps, timesteps);
    }

    @Override
    public Map<String, NDArray> state() {
        return timesteps.state();
    }
}
