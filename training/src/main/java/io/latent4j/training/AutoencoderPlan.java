package io.latent4j.training;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.training.autoencoder.Adversary;
import io.latent4j.training.autoencoder.AutoencoderLoss;
import io.latent4j.training.batches.DataPlan;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.WrittenConfig;
import io.latent4j.training.run.LoopPlan;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The run file of an {@link AutoencoderTraining}.
 *
 * @param from the folder of an autoencoder to begin with; empty for a new one
 * @param config what its {@code config.json} has
 * @param shape the config, read
 * @param scale how the scale of the latents is found
 * @param perceptual the network whose features are compared as well
 * @param adversary the discriminator that is trained beside it
 * @param batch images
 */
record AutoencoderPlan(
        RunPlan run,
        DataPlan data,
        Optional<Path> from,
        Config config,
        AutoencoderKLConfig shape,
        LatentScale scale,
        AutoencoderLoss loss,
        Optional<Perceptual> perceptual,
        Optional<Adversary.Settings> adversary,
        int batch,
        LoopPlan loop) {

    /** Which factor makes latents what a diffusion model learns. */
    enum LatentScale {
        /** That of the config, which models of these latents may have learned with. */
        KEPT,
        /** The one that gives them unit variance. */
        MEASURED
    }

    /**
     * A loss of features.
     *
     * @param from the folder of the autoencoder whose encoder makes them
     */
    record Perceptual(Path from, double weight) {}

    /**
     * Reads and checks a whole run file; loads nothing.
     *
     * @param given whether the program gives the images
     * @throws IllegalArgumentException naming all keys that are wrong
     * @throws IOException if the config of the autoencoder to begin with cannot be read, or a folder of images is not there
     */
    static AutoencoderPlan read(Config file, boolean given) throws IOException {
        AutoencoderPlan plan = file.collect(run -> {
            DataPlan data = DataPlan.read(run.section("data"), DataPlan.Kind.PIXELS, given);
            Config model = run.section("model");
            Optional<Path> from = model.path("from");
            Config config = PartPlan.config(model, from, "config.json of an AutoencoderKL");
            Optional<AutoencoderKLConfig> shape = from.isPresent()
                    ? Optional.of(AutoencoderKLConfig.from(config))
                    : WrittenConfig.autoencoder(config);
            shape.ifPresent(its -> data.require(its.downscale()));
            Config loss = run.section("loss");
            Config training = run.section("training");
            RunPlan head = RunPlan.read(run);
            LatentScale scale =
                    model.choice("scaling_factor", from.isPresent() ? LatentScale.KEPT : LatentScale.MEASURED);
            AutoencoderLoss weights = loss(loss);
            Optional<Perceptual> perceptual = perceptual(loss);
            Optional<Adversary.Settings> adversary = adversary(loss);
            int batch = training.integer("batch", Bounds.atLeast(1), 16);
            LoopPlan loop = LoopPlan.read(training);
            run.refuseTheRest();
            return new AutoencoderPlan(
                    head,
                    data,
                    from,
                    config,
                    shape.orElseThrow(IllegalArgumentException::new), // what is wrong with it is noted
                    scale,
                    weights,
                    perceptual,
                    adversary,
                    batch,
                    loop);
        });
        plan.data.requireIsThere();
        return plan;
    }

    private static AutoencoderLoss loss(Config loss) {
        double l1 = loss.real("l1", Bounds.notNegative(), 1);
        double l2 = loss.real("l2", Bounds.notNegative(), 0);
        double kl = loss.real("kl", Bounds.notNegative(), 1e-6);
        return loss.checked(() -> new AutoencoderLoss(l1, l2, kl)).orElseGet(() -> new AutoencoderLoss(1, 0, 0));
    }

    private static Optional<Perceptual> perceptual(Config loss) {
        Config features = loss.section("perceptual");
        double weight = features.real("weight", Bounds.positive(), 1);
        return loss.has("perceptual")
                ? Optional.of(new Perceptual(features.requiredPath("from"), weight))
                : features.path("from").map(from -> new Perceptual(from, weight));
    }

    private static Optional<Adversary.Settings> adversary(Config loss) {
        Config opponent = loss.section("discriminator");
        Adversary.Settings settings = new Adversary.Settings(
                opponent.integer("start", Bounds.atLeast(0), 0),
                opponent.real("weight", Bounds.positive(), 0.5),
                opponent.integer("channels", Bounds.atLeast(8), 64),
                opponent.integer("layers", Bounds.atLeast(1), 3),
                opponent.real("rate", Bounds.positive(), 1e-4));
        return loss.has("discriminator") ? Optional.of(settings) : Optional.empty();
    }
}
