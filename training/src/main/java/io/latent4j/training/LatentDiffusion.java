package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.data.Draws;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Learns to tell the noise in latents from the text: equation 3 of <a href="https://arxiv.org/abs/2112.10752">Rombach et
 * al. 2022</a>. The text encoder is trained along where its parameters are among those that the loop changes.
 */
public final class LatentDiffusion implements Objective {
    private static final int VALIDATION_LEVELS = 8;

    private final LatentModel model;
    private final DiffusionLoss loss;
    private final double noiseOffset;
    private final TimestepSampler timesteps;
    private final double scalingFactor;
    private final LatentSet latents;
    private final LatentSet setAside;
    private final Settings settings;
    private final EpochOrder order;
    private final NDManager manager;

    /**
     * What a batch is.
     *
     * @param batch pictures in one
     * @param captionDropout the share of pictures that are shown without their caption, so that guidance has an
     *     unconditional side (<a href="https://arxiv.org/abs/2207.12598">Ho &amp; Salimans 2022</a>)
     */
    public record Settings(int batch, double captionDropout, long seed) {

        public Settings {
            if (batch < 1) {
                throw new IllegalArgumentException("batch is " + batch + "; expected 1 or more");
            }
            if (!(captionDropout >= 0 && captionDropout <= 1)) {
                throw new IllegalArgumentException("caption_dropout is " + captionDropout + "; expected 0 to 1");
            }
        }
    }

    LatentDiffusion(
            LatentModel model,
            DiffusionFile diffusion,
            double scalingFactor,
            LatentSet latents,
            LatentSet setAside,
            Settings settings,
            NDManager manager) {
        this.model = model;
        this.loss = diffusion.loss();
        this.noiseOffset = diffusion.noiseOffset();
        this.timesteps = new TimestepSampler(
                diffusion.timesteps(), loss.process().noise().timesteps(), manager);
        this.scalingFactor = scalingFactor;
        this.latents = latents;
        this.setAside = setAside;
        this.settings = settings;
        this.order = new EpochOrder(settings.seed, latents.size());
        this.manager = manager;
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        Draws draws = Draws.of(settings.seed, step, part);
        int[] indices = order.batch((step - 1) + (long) part * (1L << 32), settings.batch);
        List<String> captions = new ArrayList<>();
        for (int index : indices) {
            List<String> choice = latents.captions(index);
            String caption = choice.get(draws.below(choice.size()));
            captions.add(draws.uniform() < settings.captionDropout ? "" : caption);
        }
        TimestepSampler.Drawn drawn = timesteps.draw(draws, settings.batch);
        DiffusionLoss.Terms terms = terms(
                loss, pass, latents, indices, captions, drawn.timesteps(), new TorchRandom(draws.bits()), noiseOffset);
        return new Loss(timesteps.mean(drawn, terms.losses()), terms.figures());
    }

    @Override
    public Map<String, NDArray> state() {
        return timesteps.state();
    }

    /** The mean error over all pictures set aside, each at a noise level of its own. */
    @Override
    public Map<String, Double> validate() {
        if (setAside.size() == 0) {
            return Map.of();
        }
        double sum = 0;
        int count = Math.min(setAside.size(), 8 * settings.batch);
        for (int from = 0; from < count; from += settings.batch) {
            sum += validate(from, Math.min(settings.batch, count - from));
        }
        return ImmutableMap.of("loss", sum / count);
    }

    @SuppressWarnings("try")
    private double validate(int from, int size) {
        int[] indices = new int[size];
        int[] levels = new int[size];
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            indices[i] = from + i;
            levels[i] = (int) ((i % VALIDATION_LEVELS + 0.5)
                    / VALIDATION_LEVELS
                    * loss.process().noise().timesteps());
            captions.add(setAside.captions(indices[i]).get(0));
        }
        try (NDScope scope = new NDScope()) {
            DiffusionLoss plain = loss.withEqualWeights();
            TorchRandom random = new TorchRandom(from);
            return terms(plain, Pass.inference(), setAside, indices, captions, levels, random, 0)
                    .simple()
                    .sum()
                    .getFloat();
        }
    }

    private DiffusionLoss.Terms terms(
            DiffusionLoss loss,
            Pass pass,
            LatentSet set,
            int[] indices,
            List<String> captions,
            int[] timesteps,
            TorchRandom random,
            double noiseOffset) {
        int size = Math.toIntExact(set.shape().size()) * indices.length;
        NDArray x0 = set.sample(manager, indices, random.normal(size)).mul(scalingFactor);
        NDArray eps = manager.create(random.normal(size), x0.getShape());
        if (noiseOffset > 0) {
            Shape perChannel = new Shape(indices.length, set.shape().get(0), 1, 1);
            eps = eps.add(random.normal(manager, perChannel).mul(noiseOffset));
        }
        NDArray context = model.context(pass, captions);
        return loss.of((noisy, times) -> model.predict(pass, noisy, times, context), x0, eps, timesteps);
    }
}
