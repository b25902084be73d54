package io.latent4j.training.diffusion;

import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.Optional;

/**
 * The {@code loss} section of a run file of a diffusion model.
 *
 * @param section names the section in errors
 * @param first the least noisy timestep to train at
 * @param end the one after the noisiest; empty for all that the model has
 * @param timesteps how they are drawn
 * @param parts where they are drawn by their loss, the equal parts they are put into; empty for 100
 * @param minSnrGamma {@link DiffusionLoss#minSnrGamma}
 * @param boundWeight {@link DiffusionLoss.LearnedVariance#weight}
 * @param noiseOffset how much of a constant a channel is mixed into the noise, 0 for none
 */
public record DiffusionPlan(
        Config section,
        int first,
        Optional<Integer> end,
        Timesteps timesteps,
        Optional<Integer> parts,
        Optional<Double> minSnrGamma,
        double boundWeight,
        double noiseOffset) {
    private static final int USUAL_PARTS = 100;

    /** Reads the section, each key with its default. */
    public static DiffusionPlan read(Config loss) {
        int first = loss.integer("min_timestep", Bounds.atLeast(0), 0);
        int end = loss.integer("max_timestep", Bounds.atLeast(1), Integer.MAX_VALUE);
        if (first >= end) {
            loss.refuse("min_timestep", "is " + first + "; expected less than max_timestep, " + end);
        }
        int parts = loss.integer("buckets", Bounds.atLeast(1), USUAL_PARTS);
        Timesteps timesteps = loss.choice(
                "timesteps",
                ImmutableMap.of(
                        "uniform",
                        new Timesteps.Uniform(),
                        "leaning",
                        new Timesteps.Leaning(loss.real("lean", Bounds.notNegative(), 1)),
                        "logit_normal",
                        new Timesteps.LogitNormal(
                                loss.real("logit_mean", Bounds.finite(), 0),
                                loss.real("logit_std", Bounds.positive(), 1)),
                        "by_loss",
                        new Timesteps.ByLoss(parts)),
                new Timesteps.Uniform());
        return new DiffusionPlan(
                loss,
                first,
                loss.has("max_timestep") ? Optional.of(end) : Optional.empty(),
                timesteps,
                loss.has("buckets") ? Optional.of(parts) : Optional.empty(),
                loss.optionalReal("min_snr_gamma", Bounds.positive()),
                loss.real("bound_weight", Bounds.positive(), 0.001),
                loss.real("noise_offset", Bounds.of(0, 1), 0));
    }

    /**
     * These settings for a model with this scheduler.
     *
     * @throws IllegalArgumentException if the model has no such timesteps
     */
    public DiffusionSettings of(SchedulerConfig scheduler) {
        int all = scheduler.noise().timesteps();
        int last = end.orElse(all);
        if (last > all) {
            throw section.bad("max_timestep", last, "at most " + all + ", the timesteps of the model");
        }
        if (first >= last) {
            throw section.bad("min_timestep", first, "less than max_timestep, " + last);
        }
        int count = last - first;
        DiffusionLoss loss = section.checked(() -> DiffusionLoss.of(scheduler, minSnrGamma, boundWeight))
                .orElseThrow(IllegalArgumentException::new);
        boolean byLoss = timesteps instanceof Timesteps.ByLoss;
        return new DiffusionSettings(
                loss,
                byLoss ? new Timesteps.ByLoss(parts.orElse(Math.min(USUAL_PARTS, count))) : timesteps,
                first,
                count,
                noiseOffset);
    }
}
