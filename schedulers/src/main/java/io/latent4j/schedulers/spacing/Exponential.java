package io.latent4j.schedulers.spacing;

/**
 * Noise levels evenly apart in λ: each ratio is the same share of the one before, as section 3.4 of <a
 * href="https://arxiv.org/abs/2206.00927">Lu et al. 2022</a> spaces them.
 */
public record Exponential() implements SigmaSpacing {

    @Override
    public double[] ratios(int steps, double max, double min) {
        return new Polyexponential(1).ratios(steps, max, min);
    }
}
