package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.batches.ImageBatches;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.Draws;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.unet.UNet2DModel;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Learns to predict the noise in images, without text: algorithm 1 of <a href="https://arxiv.org/abs/2006.11239">Ho et al.
 * 2020</a>.
 */
public final class PixelDiffusion implements Objective {
    private static final int VALIDATION_LEVELS = 8;

    private final UNet2DModel unet;
    private final ImageBatches images;
    private final DiffusionSettings diffusion;
    private final TimestepSampler timesteps;
    private final long seed;
    private final NDManager manager;
    private Optional<Batch> next = Optional.empty();

    public PixelDiffusion(
            UNet2DModel unet, ImageBatches images, DiffusionSettings diffusion, long seed, NDManager manager) {
        this.unet = unet;
        this.images = images;
        this.diffusion = diffusion;
        this.timesteps = new TimestepSampler(diffusion.timesteps(), diffusion.first(), diffusion.count(), manager);
        this.seed = seed;
        this.manager = manager;
    }

    @Override
    public void prepare(long step, int part) throws IOException {
        next = Optional.of(images.learned(step, part));
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        NDArray x0 = ImageBatches.array(next.orElseThrow(), manager);
        int count = Math.toIntExact(x0.getShape().get(0));
        Draws draws = Draws.of(seed, step, part);
        TimestepSampler.Drawn drawn = timesteps.draw(draws, count);
        TorchRandom random = new TorchRandom(draws.bits());
        NDArray eps = random.normal(manager, x0.getShape());
        if (diffusion.noiseOffset() > 0) {
            Shape perChannel = new Shape(count, x0.getShape().get(1), 1, 1);
            eps = eps.add(random.normal(manager, perChannel).mul(diffusion.noiseOffset()));
        }
        DiffusionLoss.Terms terms = terms(diffusion.loss(), pass, x0, eps, drawn.timesteps());
        return new Loss(timesteps.mean(drawn, terms.losses()), terms.figures());
    }

    @Override
    public Optional<Trial> trial() {
        return Optional.of(new Trial(images.size(), (pass, count) -> {
            NDArray x0 = ImageBatches.blank(count, images.side(), manager);
            return terms(diffusion.loss(), pass, x0, x0.onesLike(), new int[count])
                    .losses()
                    .mean();
        }));
    }

    /** The mean error over images set aside, each at a noise level of its own. */
    @Override
    @SuppressWarnings("try")
    public Map<String, Double> validate() throws IOException {
        Optional<Batch> setAside = images.setAside();
        if (setAside.isEmpty()) {
            return Map.of();
        }
        try (NDScope scope = new NDScope()) {
            NDArray x0 = ImageBatches.array(setAside.get(), manager);
            int[] levels = new int[setAside.get().size()];
            for (int i = 0; i < levels.length; i++) {
                levels[i] = diffusion.middle(i % VALIDATION_LEVELS, VALIDATION_LEVELS);
            }
            NDArray eps = new TorchRandom(0).normal(manager, x0.getShape());
            DiffusionLoss.Terms terms = terms(diffusion.loss().withEqualWeights(), Pass.inference(), x0, eps, levels);
            ImmutableMap.Builder<String, Double> figures = ImmutableMap.builder();
            figures.put("loss", (double) terms.simple().mean().getFloat());
            terms.bound()
                    .ifPresent(
                            bound -> figures.put("bound", (double) bound.mean().getFloat()));
            return figures.buildOrThrow();
        }
    }

    private DiffusionLoss.Terms terms(DiffusionLoss loss, Pass pass, NDArray x0, NDArray eps, int... timesteps) {
        return loss.of((noisy, times) -> pass.leave(unet.forward(pass, pass.enter(noisy), times)), x0, eps, timesteps);
    }

    @Override
    public Map<String, NDArray> state() {
        return timesteps.state();
    }
}
