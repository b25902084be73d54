package io.latent4j.schedulers.levels;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.process.RectifiedFlow;
import io.latent4j.schedulers.spacing.FlowShift;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Where the evenly spaced levels of a rectified flow lie before they are moved, as the reference's methods place them. */
public enum FlowGrid {
    /** From noise alone to the last trained timestep; the network is told fractional timesteps. */
    FROM_NOISE_ALONE {
        @Override
        double[] sigmas(int steps, double last, FlowShift shift) {
            return evenly(steps, 1, shift.least(last));
        }

        @Override
        double listed(double sigma) {
            return (float) sigma;
        }
    },
    /** From noise alone to data, which is left out, in steps of one length; the network is told fractional timesteps. */
    EQUAL_STEPS {
        @Override
        double[] sigmas(int steps, double last, FlowShift shift) {
            double[] sigmas = evenly(steps, 1, 1.0 / steps);
            Arrays.setAll(sigmas, i -> (float) sigmas[i]);
            return sigmas;
        }

        @Override
        double listed(double sigma) {
            return (float) sigma;
        }
    },
    /** From the second trained timestep to data, which is left out; the network is told the whole timesteps below. */
    TO_DATA {
        @Override
        double[] sigmas(int steps, double last, FlowShift shift) {
            double[] data = evenly(steps + 1, 1, last);
            return IntStream.range(0, steps)
                    .mapToDouble(i -> 1 - data[steps - i])
                    .toArray();
        }

        @Override
        NoiseLevel level(RectifiedFlow process, double sigma) {
            return wholeTimestep(process, sigma);
        }
    },
    /**
     * From a trace less than noise alone to the last trained timestep, which is left out; the network is told the whole
     * timesteps below.
     */
    FROM_A_TRACE_OF_DATA {
        @Override
        double[] sigmas(int steps, double last, FlowShift shift) {
            return Arrays.copyOf(evenly(steps + 1, 1, last), steps);
        }

        @Override
        NoiseLevel level(RectifiedFlow process, double sigma) {
            return wholeTimestep(process, Math.abs(sigma - 1) < TRACE ? sigma - TRACE : sigma);
        }
    };

    private static final double TRACE = 1e-6;

    /** {@code steps} sigmas, noisiest first, of a model whose last trained timestep has sigma {@code last}. */
    abstract double[] sigmas(int steps, double last, FlowShift shift);

    /** A sigma that a user lists, before it is moved: as exact as the reference has it. */
    double listed(double sigma) {
        return sigma;
    }

    /** The levels of sigmas that were moved, rounded to 32 bits as the reference rounds them. */
    List<NoiseLevel> levels(RectifiedFlow process, double[] sigmas) {
        return DoubleStream.of(sigmas).mapToObj(sigma -> level(process, sigma)).toList();
    }

    NoiseLevel level(RectifiedFlow process, double sigma) {
        return process.ofSigma((float) sigma);
    }

    private static NoiseLevel wholeTimestep(RectifiedFlow process, double sigma) {
        return NoiseLevel.ofFlow(Math.floor(sigma * process.timesteps()), (float) sigma);
    }

    private static double[] evenly(int count, double first, double last) {
        double stride = count == 1 ? 0 : (last - first) / (count - 1);
        return IntStream.range(0, count)
                .mapToDouble(i -> i > 0 && i == count - 1 ? last : first + i * stride)
                .toArray();
    }
}
