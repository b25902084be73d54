package io.latent4j.schedulers.continuous;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.random.NoiseSource;

/**
 * Samples data by running an {@link Sde} backwards, equation 6 of <a href="https://arxiv.org/abs/2011.13456">Song et al.
 * 2021</a>: Euler-Maruyama steps down in time, each with corrections by Langevin dynamics (algorithms 1 to 5).
 *
 * @param steps of equal length in time
 * @param corrections after each step; 0 for the predictor alone
 * @param snr how long a correction is: the paper's signal-to-noise ratio r, about 0.16
 */
public record ReverseSde(Sde sde, Score score, int steps, int corrections, double snr) {

    public ReverseSde {
        if (steps < 1 || corrections < 0 || !(snr > 0)) {
            throw new IllegalArgumentException("steps is " + steps + ", corrections " + corrections + " and snr " + snr
                    + "; expected 1 or more, 0 or more, and above 0");
        }
    }

    /** Euler-Maruyama steps alone. */
    public ReverseSde(Sde sde, Score score, int steps) {
        this(sde, score, steps, 0, 0.16);
    }

    /**
     * Samples N images.
     *
     * @param start x at time 1, {@link Sde#prior}; stays the caller's
     * @return x at the SDE's earliest time, without the noise of the last step, which belongs to the caller
     */
    public NDArray sample(NDArray start, NoiseSource noise) {
        double length = (1 - sde.earliest()) / steps;
        NDArray x = start;
        for (int i = 0; i < steps; i++) {
            double t = 1 - i * length;
            boolean last = i == steps - 1;
            NDArray before = x;
            x = Scopes.scoped(() -> {
                NDArray mean = mean(before, t, length);
                return last ? mean : corrected(diffused(mean, t, length, noise), t - length, noise);
            });
            if (before != start) {
                before.close();
            }
        }
        return x;
    }

    /** Where a step down of {@code length} leads on average. */
    private NDArray mean(NDArray x, double t, double length) {
        double diffusion = sde.diffusion(t);
        return x.mul(1 - sde.drift(t) * length).add(score.at(x, t).mul(diffusion * diffusion * length));
    }

    private NDArray diffused(NDArray mean, double t, double length, NoiseSource noise) {
        return mean.add(noise.like(mean).mul(sde.diffusion(t) * Math.sqrt(length)));
    }

    private NDArray corrected(NDArray x, double t, NoiseSource noise) {
        NDArray corrected = x;
        for (int i = 0; i < corrections; i++) {
            NDArray eps = noise.like(x);
            NDArray score = this.score.at(corrected, t);
            double shrink = 1 + 2 * sde.drift(t) * (1 - sde.earliest()) / steps; // α of algorithm 5, 1 in algorithm 4
            NDArray length = norm(eps).div(norm(score)).mul(snr).square().mul(2 * Math.max(shrink, 0)); // (N, 1, …)
            corrected =
                    corrected.add(score.mul(length)).add(eps.mul(length.mul(2).sqrt()));
        }
        return corrected;
    }

    /** The Euclidean length of each image: (N, …) → (N, 1, …). */
    private static NDArray norm(NDArray x) {
        int[] axes = new int[x.getShape().dimension() - 1];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i + 1;
        }
        return x.square().sum(axes, true).sqrt();
    }
}
