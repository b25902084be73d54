package io.latent4j.training.optimizer;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.ops.ParameterOps;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * An exponential moving average of the parameters: smoother than they are, and what a trained model is made of (<a
 * href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</a>, appendix B). The copies belong to the parameters' manager.
 */
public final class Ema {
    private final Parameters parameters;
    private final Decay decay;
    private final List<NDArray> shadows;

    /**
     * How much of the average is kept a step: {@code (1 + n) / (10 + n)} after {@code n} steps, or
     * {@code 1 − (1 + n / inverseGamma)^−power} with {@code warmUp}, within bounds. The first step keeps nothing.
     *
     * @param most the largest, below 1: what a long run comes to
     * @param least the smallest after the first step
     * @param after how many steps pass before averaging begins
     */
    public record Decay(double most, double least, int after, boolean warmUp, double inverseGamma, double power) {

        public Decay {
            if (!(least >= 0 && least <= most && most < 1)) {
                throw new IllegalArgumentException(
                        "ema decay is " + least + " to " + most + "; expected 0 or more and below 1, in order");
            }
        }

        /** Up to {@code most}, from the first step. */
        public static Decay to(double most) {
            return new Decay(most, 0, 0, false, 1, 2.0 / 3);
        }

        /** The share that step {@code step} keeps; the first is 1. */
        public double at(long step) {
            long n = Math.max(0, step - after - 1);
            if (n == 0) {
                return 0;
            }
            double grown = warmUp ? 1 - Math.pow(1 + n / inverseGamma, -power) : (1.0 + n) / (10.0 + n);
            return Math.max(least, Math.min(most, grown));
        }
    }

    /** What to do with the averaged parameters. */
    @FunctionalInterface
    public interface Body {
        void run() throws IOException;
    }

    /** An average that begins with the parameters as they are. No scope may be open. */
    public Ema(Parameters parameters, Decay decay) {
        this.parameters = parameters;
        this.decay = decay;
        this.shadows = parameters.values().stream()
                .map(value -> value.stopGradient().duplicate())
                .toList();
    }

    /** Takes the parameters in, after optimizer step {@code step}; the first is 1. */
    public void update(long step) {
        ParameterOps.approach(shadows, parameters.values(), 1 - decay.at(step));
    }

    /** Runs {@code body} while the model has the averaged parameters; afterwards it has its own again. */
    public void during(Body body) throws IOException {
        List<NDArray> own = parameters.values().stream()
                .map(value -> value.stopGradient().duplicate())
                .toList();
        ParameterOps.copy(parameters.values(), shadows);
        try {
            body.run();
        } finally {
            ParameterOps.copy(parameters.values(), own);
            own.forEach(NDArray::close);
        }
    }

    /** The averages, by the parameters' names, to be stored and to be written into. */
    public Map<String, NDArray> state() {
        ImmutableMap.Builder<String, NDArray> state = ImmutableMap.builder();
        int i = 0;
        for (String name : parameters.arrays().keySet()) {
            state.put(name, shadows.get(i++));
        }
        return state.buildOrThrow();
    }
}
