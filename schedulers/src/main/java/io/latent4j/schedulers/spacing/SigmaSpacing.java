package io.latent4j.schedulers.spacing;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Which noise levels a run visits, told by their {@link NoiseLevel#ratio()} instead of by training timesteps.
 * Implementations are values.
 */
@FunctionalInterface
public interface SigmaSpacing {

    /**
     * {@code steps} ratios, noisiest first.
     *
     * @param max the ratio of the noisiest level the method would visit anyway
     * @param min the ratio of the least noisy one, above 0
     */
    double[] ratios(int steps, double max, double min);

    /** The levels of {@link #ratios}, each at the fractional timestep of {@code noise} that has its ratio. */
    default List<NoiseLevel> levels(NoiseSchedule noise, int steps, double max, double min) {
        return DoubleStream.of(ratios(steps, max, min))
                .mapToObj(ratio -> NoiseLevel.ofRatio((float) noise.timestep(ratio), (float) ratio))
                .toList();
    }

    /** {@code steps} numbers, evenly from 0 to 1; a single one is 0. */
    static DoubleStream ramp(int steps) {
        return IntStream.range(0, steps).mapToDouble(i -> steps == 1 ? 0 : (double) i / (steps - 1));
    }
}
