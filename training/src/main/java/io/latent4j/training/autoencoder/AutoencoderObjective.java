package io.latent4j.training.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.training.batches.ImageBatches;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.Draws;
import io.latent4j.training.optimizer.Objective;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.DiagonalGaussian;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Learns to give images back from their latents, and latents near the standard normal: equation 3 of <a
 * href="https://arxiv.org/abs/1312.6114">Kingma &amp; Welling 2013</a> with a weight on the divergence; and, if asked, to make
 * images that look alike to a network and deceive an {@link Adversary}.
 */
public final class AutoencoderObjective implements Objective {
    private final AutoencoderKL vae;
    private final ImageBatches images;
    private final AutoencoderLoss loss;
    private final Optional<Perceptual> perceptual;
    private final Optional<Adversary> adversary;
    private final long seed;
    private final NDManager manager;
    private Optional<Batch> next = Optional.empty();
    private Optional<Judged> last = Optional.empty();

    /** How different images look, and the weight of that. */
    public record Perceptual(PerceptualDistance distance, double weight) {
        public Perceptual {
            if (!(weight > 0 && Double.isFinite(weight))) {
                throw new IllegalArgumentException("perceptual weight is " + weight + "; expected above 0");
            }
        }
    }

    /** What the adversary learns from; it lives as long as the loss's scope. */
    private record Judged(NDArray images, NDArray decoded) {}

    public AutoencoderObjective(
            AutoencoderKL vae,
            ImageBatches images,
            AutoencoderLoss loss,
            Optional<Perceptual> perceptual,
            Optional<Adversary> adversary,
            long seed,
            NDManager manager) {
        this.vae = vae;
        this.images = images;
        this.loss = loss;
        this.perceptual = perceptual;
        this.adversary = adversary;
        this.seed = seed;
        this.manager = manager;
    }

    @Override
    public void prepare(long step, int part) throws IOException {
        next = Optional.of(images.learned(step, part));
    }

    @Override
    public Loss loss(Pass pass, long step, int part) {
        return loss(pass, step, part, ImageBatches.array(next.orElseThrow(), manager));
    }

    private Loss loss(Pass pass, long step, int part, NDArray originals) {
        TorchRandom random = new TorchRandom(Draws.of(seed, step, part).bits());
        AutoencoderLoss.Terms terms = loss.of(pass, vae, originals, random.normal(manager, latents(originals)));
        Map<String, NDArray> figures = new HashMap<>();
        figures.put("l1", terms.l1());
        figures.put("l2", terms.l2());
        figures.put("kl", terms.kl().mean());
        NDArray reconstruction = terms.reconstruction();
        NDArray total = terms.total();
        if (perceptual.isPresent()) {
            NDArray distance = perceptual.get().distance.of(originals, terms.decoded());
            figures.put("perceptual", distance);
            NDArray weighted = Ops.mul(distance, perceptual.get().weight);
            reconstruction = reconstruction.add(weighted);
            total = total.add(weighted);
        }
        Optional<Adversary> player = adversary.filter(a -> a.plays(step));
        if (player.isPresent()) {
            NDArray deceit = player.get().deceit(terms.decoded());
            double balance = player.get().balance(reconstruction, deceit, vae.lastLayer());
            figures.put("adversarial", deceit);
            figures.put("adversarial weight", manager.create((float) balance));
            total = total.add(Ops.mul(deceit, balance));
        }
        last = player.map(a -> new Judged(originals, terms.decoded()));
        return new Loss(total, figures);
    }

    /** The discriminator takes part; its own gradient, which is another recording, is not in it. */
    @Override
    public Optional<Trial> trial() {
        return Optional.of(new Trial(images.size(), (pass, count) -> {
            NDArray total = loss(pass, Long.MAX_VALUE, 0, ImageBatches.blank(count, images.side(), manager))
                    .total();
            last = Optional.empty();
            return total;
        }));
    }

    @Override
    public Map<String, NDArray> after(long step, int part, int parts) {
        if (last.isEmpty()) {
            return Map.of();
        }
        Judged batch = last.get();
        last = Optional.empty();
        NDArray loss = adversary.orElseThrow().learn(batch.images, batch.decoded, 1.0 / parts, part == parts - 1);
        return Map.of("discriminator", loss);
    }

    @Override
    public Map<String, NDArray> state() {
        return adversary.map(Adversary::state).orElse(Map.of());
    }

    /** The shape of the latents of {@code images}. */
    private Shape latents(NDArray images) {
        int f = vae.config().downscale();
        Shape shape = images.getShape();
        return new Shape(shape.get(0), vae.config().latentChannels(), shape.get(2) / f, shape.get(3) / f);
    }

    @Override
    @SuppressWarnings("try")
    public Map<String, Double> validate() throws IOException {
        Optional<Batch> setAside = images.setAside();
        if (setAside.isEmpty()) {
            return Map.of();
        }
        try (NDScope scope = new NDScope()) {
            NDArray originals = ImageBatches.array(setAside.get(), manager);
            DiagonalGaussian encoded = vae.encode(Pass.inference(), originals);
            NDArray back = vae.decode(Pass.inference(), encoded.mode());
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("mse", (double) back.sub(originals).square().mean().getFloat());
            figures.put("psnr", ImageQuality.psnr(back, originals));
            if (ImageQuality.hasSsim(originals)) {
                figures.put("ssim", ImageQuality.ssim(back, originals));
            }
            figures.put("kl", (double) encoded.kl().mean().getFloat());
            figures.put("latent scale", 1 / deviation(encoded));
            return figures;
        }
    }

    /** The standard deviation of all latents together. */
    private static double deviation(DiagonalGaussian latents) {
        double mean = latents.mean().mean().getFloat();
        double square =
                latents.mean().square().add(latents.std().square()).mean().getFloat();
        return Math.sqrt(square - mean * mean);
    }
}
