package io.latent4j.training;

import io.latent4j.schedulers.SchedulerConfig;

/**
 * The {@code loss} section of a run file of a diffusion model.
 *
 * @param noiseOffset how much of a constant a channel is mixed into the noise, 0 for none; lets a model learn very dark
 *     and very bright pictures
 */
record DiffusionFile(DiffusionLoss loss, Timesteps timesteps, double noiseOffset) {

    DiffusionFile {
        if (!(noiseOffset >= 0 && noiseOffset <= 1)) {
            throw new IllegalArgumentException("noise_offset is " + noiseOffset + "; expected 0 to 1");
        }
    }

    /** The settings of {@code loss}, each with its default, for a model of this scheduler. */
    static DiffusionFile read(RunFile loss, SchedulerConfig scheduler) {
        return new DiffusionFile(
                DiffusionLoss.of(scheduler, loss.real("min_snr_gamma"), loss.real("bound_weight", 0.001)),
                timesteps(loss, scheduler.noise().timesteps()),
                loss.real("noise_offset", 0));
    }

    private static Timesteps timesteps(RunFile loss, int count) {
        String kind = loss.text("timesteps").orElse("uniform");
        double lean = loss.real("lean", 1);
        double mean = loss.real("logit_mean", 0);
        double std = loss.real("logit_std", 1);
        int buckets = loss.integer("buckets", 1, Math.min(100, count));
        return switch (kind) {
            case "uniform" -> new Timesteps.Uniform();
            case "leaning" -> new Timesteps.Leaning(lean);
            case "logit_normal" -> new Timesteps.LogitNormal(mean, std);
            case "by_loss" -> new Timesteps.ByLoss(buckets);
            default -> throw loss.bad("timesteps", kind, "one of uniform, leaning, logit_normal, by_loss");
        };
    }
}
