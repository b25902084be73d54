package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseProcess;

/**
 * Noise that a deterministic method adds before a step and removes in it: lines 4 to 6 of algorithm 2 of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>. Ranges are of {@link NoiseLevel#ratio()}.
 *
 * @param amount S_churn, how much over a whole run; 0 for none
 * @param min S_tmin, the lowest ratio at which noise is added
 * @param max S_tmax, the highest
 * @param noise S_noise, the standard deviation of the noise added, 1 or a little above
 */
public record Churn(double amount, double min, double max, double noise) {
    /** No noise. */
    public static final Churn NONE = new Churn(0, 0, Double.POSITIVE_INFINITY, 1);

    /** What {@link #from} reads. */
    static final Keys KEYS = Keys.of("s_churn", "s_tmin", "s_tmax", "s_noise");

    private static final double MOST = Math.sqrt(2) - 1;

    public Churn {
        if (!(amount >= 0)) {
            throw new IllegalArgumentException("s_churn is " + amount + "; expected 0 or more");
        }
        if (!(noise >= 0 && noise <= AncestralNoise.MOST_SCALE)) {
            throw new IllegalArgumentException("s_noise is " + noise + "; expected 0 to 1000, 1 as a rule");
        }
    }

    /** The noise that a model's file asks for. */
    static Churn from(SchedulerConfig config) {
        double amount = config.number("s_churn").orElse(0);
        if (amount < 0) {
            throw config.error("s_churn", amount, "0 or more");
        }
        if (amount > 0 && config.kind() == ProcessKind.RECTIFIED_FLOW) {
            throw config.error("s_churn", amount, "0, as a flow takes no churned noise");
        }
        return new Churn(
                amount,
                config.number("s_tmin").orElse(NONE.min()),
                config.number("s_tmax").orElse(NONE.max()),
                config.number("s_noise").orElse(NONE.noise()));
    }

    /** The level, at or above {@code from}, that a step of a run of {@code steps} goes down from. */
    NoiseLevel raised(NoiseLevel from, int steps, NoiseProcess process) {
        double share = share(from.ratio(), steps);
        return share == 0 ? from : process.ofRatio(from.ratio() * (1 + share));
    }

    /** Noises {@code x} up to {@link #raised}; noise is drawn only if there is to be any. */
    NDArray raise(NoiseProcess process, NDArray x, NoiseLevel from, NoiseLevel raised, NoiseSource source) {
        return raised.ratio() == from.ratio()
                ? x
                : process.renoise(x, from, raised, source.like(x).mul(noise));
    }

    /** γ, the share by which the ratio grows, in a run of {@code steps} steps. */
    double share(double ratio, int steps) {
        return min <= ratio && ratio <= max ? Math.min(amount / steps, MOST) : 0;
    }
}
