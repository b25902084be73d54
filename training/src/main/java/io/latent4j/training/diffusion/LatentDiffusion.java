package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.training.batches.LatentBatch;
import io.latent4j.training.batches.LatentBatches;
import io.latent4j.training.data.Draws;
import io.latent4j.training.model.CaptionConditioner;
import io.latent4j.training.model.LatentModel;
import io.latent4j.training.optimizer.Objective;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;

/**
 * Learns to predict the noise in latents from the text: equation 3 of <a href="https://arxiv.org/abs/2112.10752">Rombach et
 * al. 2022</a>. The text encoder is trained along where its parameters are among those that the loop changes.
 */
public final class LatentDiffusion implements Objective {
    private static final int VALIDATION_LEVELS = 8;

    private final LatentModel model;
    private final CaptionConditioner texts;
    private final DiffusionSettings diffusion;
    private final DiffusionLoss loss;
    private final double noiseOffset;
    private final TimestepSampler timesteps;
    private final double scalingFactor;
    private final LatentBatches latents;
    private final long seed;
    private final NDManager manager;
    private Optional<LatentBatch> next = Optional.empty();

    /**
     * The objective of one run.
     *
     * @param scalingFactor what latents are multiplied with
     */
    public LatentDiffusion(
            LatentModel model,
            CaptionConditioner texts,
            DiffusionSettings diffusion,
            double scalingFactor,
            LatentBatches latents,
            long seed,
            NDManager manager) {
        this.model = model;
        this.texts = texts;
        this.loss = diffusion.loss();
        this.noiseOffset = diffusion.noiseOffset();
        this.timesteps = new TimestepSampler(diffusion.timesteps(), diffusion.first(), diffusion.count(), manager);
        this.diffusion = diffusion;
        this.scalingFactor = scalingFactor;
        this.latents = latents;
        this.seed = seed;
        this.manager = manager;
    }

    @Override
    public void prepare(long step, int part) throws IOException {
        LatentBatch batch = latents.learned(step, part);
        texts.prepare(batch.captions());
        next = Optional.of(batch);
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        LatentBatch batch = next.orElseThrow();
        Draws draws = Draws.of(seed, step, part);
        TimestepSampler.Drawn drawn = timesteps.draw(draws, batch.size());
        DiffusionLoss.Terms terms =
                terms(loss, pass, batch, drawn.timesteps(), new TorchRandom(draws.bits()), noiseOffset);
        return new Loss(timesteps.mean(drawn, terms.losses()), terms.figures());
    }

    @Override
    public Map<String, NDArray> state() {
        return timesteps.state();
    }

    @Override
    public Optional<Trial> trial() {
        return Optional.of(new Trial(latents.size(), (pass, count) -> {
            float[] zeros = new float[Math.toIntExact(count * latents.shape().size())];
            LatentBatch blank = new LatentBatch(latents.shape(), zeros, zeros, Collections.nCopies(count, ""));
            return terms(loss, pass, blank, new int[count], new TorchRandom(0), noiseOffset)
                    .losses()
                    .mean();
        }));
    }

    /** The mean error over images set aside, each at a noise level of its own. */
    @Override
    public Map<String, Double> validate() throws IOException {
        double sum = 0;
        int count = 0;
        for (LatentBatch batch : latents.setAside()) {
            texts.prepare(batch.captions());
            sum += validate(batch, count);
            count += batch.size();
        }
        return count == 0 ? Map.of() : ImmutableMap.of("loss", sum / count);
    }

    @SuppressWarnings("try")
    private double validate(LatentBatch batch, int noiseSeed) {
        int[] levels = new int[batch.size()];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = diffusion.middle(i % VALIDATION_LEVELS, VALIDATION_LEVELS);
        }
        try (NDScope scope = new NDScope()) {
            TorchRandom random = new TorchRandom(noiseSeed);
            return terms(loss.withEqualWeights(), Pass.inference(), batch, levels, random, 0)
                    .simple()
                    .sum()
                    .getFloat();
        }
    }

    private DiffusionLoss.Terms terms(
            DiffusionLoss loss, Pass pass, LatentBatch batch, int[] timesteps, TorchRandom random, double noiseOffset) {
        int size = Math.toIntExact(batch.shape().size()) * batch.size();
        NDArray x0 = batch.sample(manager, random.normal(size)).mul(scalingFactor);
        NDArray eps = manager.create(random.normal(size), x0.getShape());
        if (noiseOffset > 0) {
            Shape perChannel = new Shape(batch.size(), batch.shape().get(0), 1, 1);
            eps = eps.add(random.normal(manager, perChannel).mul(noiseOffset));
        }
        Conditioning conditioning = texts.of(pass, manager, batch.captions()).mapped(pass::enter);
        return loss.of(
                (noisy, times) -> pass.leave(model.predict(pass, pass.enter(noisy), times, conditioning)),
                x0,
                eps,
                timesteps);
    }
}
