package io.latent4j.schedulers.spacing;

import java.util.OptionalDouble;

/**
 * A spacing between ends of one's own.
 *
 * @param sigmaMin the last ratio; empty for what the method takes by itself
 * @param sigmaMax the first ratio; empty for what the method takes by itself
 */
public record BoundedSpacing(SigmaSpacing spacing, OptionalDouble sigmaMin, OptionalDouble sigmaMax)
        implements SigmaSpacing {

    @Override
    public double[] ratios(int steps, double max, double min) {
        double first = sigmaMax.orElse(max);
        double last = sigmaMin.orElse(min);
        if (!(last > 0 && last < first && first < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("sigma_min is " + last + " and sigma_max " + first
                    + "; expected sigma_min above 0 and below sigma_max");
        }
        return spacing.ratios(steps, first, last);
    }
}
