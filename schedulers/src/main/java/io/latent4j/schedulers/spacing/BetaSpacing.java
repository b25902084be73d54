package io.latent4j.schedulers.spacing;

import org.hipparchus.distribution.continuous.BetaDistribution;

/**
 * Noise levels at the quantiles of a beta distribution: <a href="https://arxiv.org/abs/2407.12173">Lee et al. 2024</a>.
 * Below 1, {@code alpha} crowds levels at little noise and {@code beta} at much.
 *
 * @param alpha the distribution's first shape parameter, above 0
 * @param beta the distribution's second, above 0
 */
public record BetaSpacing(double alpha, double beta) implements SigmaSpacing {
    private static final double SHAPE = 0.6;
    private static final double QUANTILE_ACCURACY = 1e-14;

    public BetaSpacing {
        if (!(alpha > 0 && beta > 0)) {
            throw new IllegalArgumentException(
                    "alpha is " + alpha + " and beta " + beta + "; expected both above 0, the paper has 0.6");
        }
    }

    /** With the paper's parameters, 0.6 and 0.6. */
    public BetaSpacing() {
        this(SHAPE, SHAPE);
    }

    @Override
    public double[] ratios(int steps, double max, double min) {
        BetaDistribution distribution = new BetaDistribution(alpha, beta, QUANTILE_ACCURACY);
        return SigmaSpacing.ramp(steps)
                .map(done -> min + distribution.inverseCumulativeProbability(1 - done) * (max - min))
                .toArray();
    }
}
