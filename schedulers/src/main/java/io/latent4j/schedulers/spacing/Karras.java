package io.latent4j.schedulers.spacing;

/**
 * Noise levels close together where there is little noise: equation 5 of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>, in terms of
 * {@link io.latent4j.schedulers.NoiseLevel#ratio()}.
 *
 * @param rho how close; the paper's 7
 */
public record Karras(double rho) implements SigmaSpacing {
    private static final double RHO = 7;

    public Karras {
        if (!(rho >= 0.1 && rho <= 1000)) { // beyond, levels overflow or are all one
            throw new IllegalArgumentException("rho is " + rho + "; expected 0.1 to 1000, the paper has 7");
        }
    }

    /** With the paper's ρ. */
    public Karras() {
        this(RHO);
    }

    @Override
    public double[] ratios(int steps, double max, double min) {
        double first = Math.pow(max, 1 / rho);
        double last = Math.pow(min, 1 / rho);
        return SigmaSpacing.ramp(steps)
                .map(done -> Math.pow(first + done * (last - first), rho))
                .toArray();
    }
}
