package io.latent4j.schedulers.spacing;

/**
 * Noise levels whose logarithm falls as a power of the way still to go, as k-diffusion spaces them: at {@code rho} 1
 * they are {@link Exponential}, above it they crowd at little noise.
 *
 * @param rho the power, above 0
 */
public record Polyexponential(double rho) implements SigmaSpacing {

    public Polyexponential {
        if (!(rho > 0)) {
            throw new IllegalArgumentException("rho is " + rho + "; expected above 0");
        }
    }

    @Override
    public double[] ratios(int steps, double max, double min) {
        double first = Math.log(max);
        double last = Math.log(min);
        return SigmaSpacing.ramp(steps)
                .map(done -> Math.exp(last + Math.pow(1 - done, rho) * (first - last)))
                .toArray();
    }
}
