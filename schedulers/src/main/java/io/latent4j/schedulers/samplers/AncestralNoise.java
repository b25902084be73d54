package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.NoiseProcess;
import java.util.function.Supplier;

/**
 * How a step is split into a longer one, down to less noise than the next level has, and fresh noise back up (appendix B
 * of <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> derives the split).
 *
 * @param eta the share of the noise that the diffusion's own reverse would add: 0 for none, 1 for all of it
 * @param scale the standard deviation of the noise that is drawn; 1 to reach the next level exactly
 */
public record AncestralNoise(double eta, double scale) {
    /** All of the noise, as ancestral sampling has it. */
    public static final AncestralNoise FULL = new AncestralNoise(1, 1);

    /** So much that nothing of the predicted noise is left: each step noises the predicted data anew. */
    public static final AncestralNoise ANEW = new AncestralNoise(Double.MAX_VALUE, 1);

    static final double MOST_SCALE = 1000;

    /** What {@link #from} reads. */
    static final Keys KEYS = Keys.of("eta", "s_noise");

    public AncestralNoise {
        if (!(eta >= 0 && eta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("eta is " + eta + "; expected 0 or more, 1 as a rule");
        }
        if (!(scale >= 0 && scale <= MOST_SCALE)) {
            throw new IllegalArgumentException("s_noise is " + scale + "; expected 0 to 1000, 1 as a rule");
        }
    }

    static AncestralNoise from(SchedulerConfig config) {
        return new AncestralNoise(
                config.number("eta").orElse(1), config.number("s_noise").orElse(1));
    }

    /** This with another share of noise. */
    AncestralNoise withEta(double eta) {
        return new AncestralNoise(eta, scale);
    }

    /** The level that a step between two levels goes down to; the network is never asked there. */
    NoiseLevel down(NoiseProcess process, NoiseLevel from, NoiseLevel to) {
        return process.down(from, to, eta);
    }

    /**
     * One step of first order: down as far as {@code p} leads, and up again. Noise is drawn whenever {@code eta} asks for
     * some, also by a step to where there is none, which has no use for it: so draws the reference implementation.
     */
    NDArray step(NoiseProcess process, Prediction p, NoiseLevel from, NoiseLevel to, Supplier<NDArray> noise) {
        NoiseLevel down = down(process, from, to);
        double kept = to.alpha() * down.ratio();
        double added = scale * NoiseProcess.added(down, to);
        NDArray next = p.x0().mul(to.alpha()).add(p.eps().mul(kept));
        return eta == 0 ? next : next.add(noise.get().mul(added));
    }

    /** Brings {@code x} from {@link #down} up to where the step ends; noise of N(0, 1) is drawn only if there is to be any. */
    NDArray up(NoiseProcess process, NDArray x, NoiseLevel down, NoiseLevel to, Supplier<NDArray> noise) {
        return down.ratio() == to.ratio()
                ? x
                : process.renoise(x, down, to, noise.get().mul(scale));
    }
}
