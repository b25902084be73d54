package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.training.config.RunFile;

/**
 * The {@code loss} section of a run file of a diffusion model.
 *
 * @param first the least noisy timestep to train at
 * @param count how many timesteps there are to train at, from there on
 * @param noiseOffset how much of a constant a channel is mixed into the noise, 0 for none; lets a model learn very dark
 *     and very bright images
 */
public record DiffusionFile(DiffusionLoss loss, Timesteps timesteps, int first, int count, double noiseOffset) {

    public DiffusionFile {
        if (!(noiseOffset >= 0 && noiseOffset <= 1)) {
            throw new IllegalArgumentException("noise_offset is " + noiseOffset + "; expected 0 to 1");
        }
    }

    /** At all timesteps. */
    public DiffusionFile(DiffusionLoss loss, Timesteps timesteps, double noiseOffset) {
        this(loss, timesteps, 0, loss.process().noise().timesteps(), noiseOffset);
    }

    /** The settings of {@code loss}, each with its default, for a model of this scheduler. */
    public static DiffusionFile read(RunFile loss, SchedulerConfig scheduler) {
        return loss.checked(() -> parse(loss, scheduler));
    }

    private static DiffusionFile parse(RunFile loss, SchedulerConfig scheduler) {
        int all = scheduler.noise().timesteps();
        int first = loss.integer("min_timestep", 0, 0);
        int end = loss.integer("max_timestep", 1, all);
        if (end > all) {
            throw loss.bad("max_timestep", end, "at most " + all + ", the timesteps of the model");
        }
        if (first >= end) {
            throw loss.bad("min_timestep", first, "less than max_timestep, " + end);
        }
        return new DiffusionFile(
                DiffusionLoss.of(scheduler, loss.real("min_snr_gamma"), loss.real("bound_weight", 0.001)),
                timesteps(loss, end - first),
                first,
                end - first,
                loss.real("noise_offset", 0));
    }

    /** Draws timesteps. No scope may be open; {@code manager} owns what it remembers. */
    TimestepSampler sampler(NDManager manager) {
        return new TimestepSampler(timesteps, first, count, manager);
    }

    /** The timestep in the middle of part {@code part} of {@code parts} equal ones. */
    int middle(int part, int parts) {
        return first + (int) ((part + 0.5) / parts * count);
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
