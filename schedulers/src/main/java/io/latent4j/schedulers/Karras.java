package io.latent4j.schedulers;

import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Noise levels close together where there is little noise: equation 5 of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>, in terms of {@link NoiseLevel#ratio()}.
 *
 * @param rho how close; the paper's 7
 * @param sigmaMin the last ratio; empty for what the method takes by itself
 * @param sigmaMax the first ratio; empty for what the method takes by itself
 */
public record Karras(double rho, OptionalDouble sigmaMin, OptionalDouble sigmaMax) implements SigmaSpacing {
    private static final double RHO = 7;

    /** From the most to the least noise the method would visit anyway, with the paper's ρ. */
    public Karras() {
        this(OptionalDouble.empty(), OptionalDouble.empty());
    }

    public Karras(OptionalDouble sigmaMin, OptionalDouble sigmaMax) {
        this(RHO, sigmaMin, sigmaMax);
    }

    @Override
    public double[] ratios(int steps, double max, double min) {
        double first = Math.pow(sigmaMax.orElse(max), 1 / rho);
        double last = Math.pow(sigmaMin.orElse(min), 1 / rho);
        return IntStream.range(0, steps)
                .mapToDouble(i -> steps == 1 ? 0 : (double) i / (steps - 1))
                .map(ramp -> Math.pow(first + ramp * (last - first), rho))
                .toArray();
    }
}
