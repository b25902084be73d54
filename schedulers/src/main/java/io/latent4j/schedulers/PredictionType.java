package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.ops.Ops;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a network's output stands for, with latents {@code x = alpha · x0 + sigma · eps} (appendix D of <a
 * href="https://arxiv.org/abs/2202.00512">Salimans and Ho 2022</a>). Everything has the shape of the latents.
 */
public enum PredictionType {
    /** The noise eps. */
    EPSILON {
        @Override
        Prediction readMean(NDArray output, NDArray x, NoiseLevel at) {
            checkSignal(at);
            return new Prediction(Ops.div(x.sub(Ops.mul(output, at.sigma())), at.alpha()), output);
        }

        @Override
        public NDArray output(Prediction of, NoiseLevel at) {
            return of.eps();
        }
    },
    /** The velocity alpha · eps − sigma · x0. */
    V_PREDICTION {
        @Override
        Prediction readMean(NDArray output, NDArray x, NoiseLevel at) {
            NDArray x0 = Ops.mul(x, at.alpha()).sub(Ops.mul(output, at.sigma()));
            return new Prediction(x0, Ops.mul(output, at.alpha()).add(Ops.mul(x, at.sigma())));
        }

        @Override
        public NDArray output(Prediction of, NoiseLevel at) {
            return Ops.mul(of.eps(), at.alpha()).sub(Ops.mul(of.x0(), at.sigma()));
        }
    },
    /** The clean x0 itself. */
    SAMPLE {
        @Override
        Prediction readMean(NDArray output, NDArray x, NoiseLevel at) {
            return new Prediction(output, Ops.div(x.sub(Ops.mul(output, at.alpha())), at.sigma()));
        }

        @Override
        public NDArray output(Prediction of, NoiseLevel at) {
            return of.x0();
        }
    },
    /** The velocity eps − x0 of a rectified flow, <a href="https://arxiv.org/abs/2209.03003">Liu et al. 2022</a>. */
    FLOW {
        @Override
        Prediction readMean(NDArray output, NDArray x, NoiseLevel at) {
            NDArray x0 = Ops.div(x.sub(Ops.mul(output, at.sigma())), at.alpha() + at.sigma());
            return new Prediction(x0, x0.add(output));
        }

        @Override
        public NDArray output(Prediction of, NoiseLevel at) {
            return of.eps().sub(of.x0());
        }
    };

    private static final int CHANNELS = 1;

    /**
     * Reads {@code output}, the network's for latents {@code x} (N, C, H, W) at noise level {@code at}. An output of
     * (N, 2C, H, W) is one of a network that learned its variance, which the second half of the channels tells.
     */
    public Prediction read(NDArray output, NDArray x, NoiseLevel at) {
        return read(output, x, mean -> readMean(mean, x, at));
    }

    /** Reads {@code output} by {@code readMean}, which sees it without a variance that it may tell too. */
    public static Prediction read(NDArray output, NDArray x, Function<NDArray, Prediction> readMean) {
        if (!tellsVariance(output, x)) {
            return readMean.apply(output);
        }
        NDList halves = output.split(2, CHANNELS);
        Prediction mean = readMean.apply(halves.get(0));
        return new Prediction(mean.x0(), mean.eps(), Optional.of(halves.get(1)));
    }

    /** Refuses a level of noise only for {@link #EPSILON}. */
    public static void checkSignal(NoiseLevel at) {
        if (at.alpha() == 0) {
            throw new IllegalArgumentException("at timestep " + at.timestep()
                    + " there is noise only, from which a network with prediction_type \"epsilon\" cannot tell x0;"
                    + " expected \"v_prediction\" or \"sample\"");
        }
    }

    private static boolean tellsVariance(NDArray output, NDArray x) {
        return x.getShape().dimension() > CHANNELS
                && output.getShape().get(CHANNELS) == 2 * x.getShape().get(CHANNELS);
    }

    abstract Prediction readMean(NDArray output, NDArray x, NoiseLevel at);

    /** The output that {@link #read} would have read, without variance: what a network is trained to answer. */
    public abstract NDArray output(Prediction of, NoiseLevel at);
}
