package io.latent4j.schedulers;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Noise levels close together where there is little noise: equation 5 of <a
 * href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> with ρ = 7, in terms of {@link NoiseLevel#ratio()}.
 *
 * @param sigmaMin the last ratio; empty for what the method takes by itself
 * @param sigmaMax the first ratio; empty for what the method takes by itself
 */
public record Karras(OptionalDouble sigmaMin, OptionalDouble sigmaMax) {
    private static final double RHO = 7;

    /** From the most to the least noise the method would visit anyway. */
    public Karras() {
        this(OptionalDouble.empty(), OptionalDouble.empty());
    }

    List<NoiseLevel> levels(NoiseSchedule noise, int steps, double defaultMax, double defaultMin) {
        double first = Math.pow(sigmaMax.orElse(defaultMax), 1 / RHO);
        double last = Math.pow(sigmaMin.orElse(defaultMin), 1 / RHO);
        return IntStream.range(0, steps)
                .mapToDouble(i -> steps == 1 ? 0 : (double) i / (steps - 1))
                .map(ramp -> Math.pow(first + ramp * (last - first), RHO))
                .mapToObj(ratio -> NoiseLevel.ofRatio((float) noise.timestep(ratio), (float) ratio))
                .toList();
    }
}
