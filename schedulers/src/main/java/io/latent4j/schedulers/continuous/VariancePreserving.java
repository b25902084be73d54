package io.latent4j.schedulers.continuous;

/**
 * The variance-preserving SDE with β linear in time, to which the chain of Ho et al. 2020 tends as its steps get many:
 * equations 11 and 29 of <a href="https://arxiv.org/abs/2011.13456">Song et al. 2021</a>.
 *
 * @param betaMin β at time 0: a discrete schedule's first times the number of its timesteps
 * @param betaMax β at time 1
 */
public record VariancePreserving(double betaMin, double betaMax) implements Sde {

    public VariancePreserving {
        if (!(betaMin > 0 && betaMax > betaMin && betaMax < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "beta goes from " + betaMin + " to " + betaMax + "; expected to rise, from above 0");
        }
    }

    /** With the paper's β, 0.1 to 20, which is that of Ho et al. */
    public VariancePreserving() {
        this(0.1, 20);
    }

    private double beta(double t) {
        return betaMin + t * (betaMax - betaMin);
    }

    /** The integral of β from 0 to {@code t}. */
    private double totalBeta(double t) {
        return t * betaMin + t * t * (betaMax - betaMin) / 2;
    }

    @Override
    public double drift(double t) {
        return -beta(t) / 2;
    }

    @Override
    public double diffusion(double t) {
        return Math.sqrt(beta(t));
    }

    @Override
    public double scale(double t) {
        return Math.exp(-totalBeta(t) / 2);
    }

    @Override
    public double std(double t) {
        return Math.sqrt(-Math.expm1(-totalBeta(t)));
    }

    @Override
    public double priorStd() {
        return 1;
    }
}
