package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;

/**
 * What a network's output stands for, with latents {@code x = alpha · x0 + sigma · eps} (appendix D of <a
 * href="https://arxiv.org/abs/2202.00512">Salimans and Ho 2022</a>). Everything has the shape of the latents.
 */
public enum PredictionType {
    /** The noise eps. */
    EPSILON {
        @Override
        public Prediction read(NDArray output, NDArray x, NoiseLevel at) {
            checkSignal(at);
            return new Prediction(x.sub(output.mul(at.sigma())).div(at.alpha()), output);
        }

        @Override
        public NDArray output(Prediction of, NoiseLevel at) {
            return of.eps();
        }
    },
    /** The velocity alpha · eps − sigma · x0. */
    V_PREDICTION {
        @Override
        public Prediction read(NDArray output, NDArray x, NoiseLevel at) {
            NDArray x0 = x.mul(at.alpha()).sub(output.mul(at.sigma()));
            return new Prediction(x0, output.mul(at.alpha()).add(x.mul(at.sigma())));
        }

        @Override
        public NDArray output(Prediction of, NoiseLevel at) {
            return of.eps().mul(at.alpha()).sub(of.x0().mul(at.sigma()));
        }
    },
    /** The clean x0 itself. */
    SAMPLE {
        @Override
        public Prediction read(NDArray output, NDArray x, NoiseLevel at) {
            return new Prediction(output, x.sub(output.mul(at.alpha())).div(at.sigma()));
        }

        @Override
        public NDArray output(Prediction of, NoiseLevel at) {
            return of.x0();
        }
    };

    /** Refuses a level of noise only for {@link #EPSILON}. */
    static void checkSignal(NoiseLevel at) {
        if (at.alpha() == 0) {
            throw new IllegalArgumentException("at timestep " + at.timestep()
                    + " there is noise only, from which a network with prediction_type \"epsilon\" cannot tell x0;"
                    + " expected \"v_prediction\" or \"sample\"");
        }
    }

    /** Reads {@code output}, the network's for latents {@code x} at noise level {@code at}. */
    public abstract Prediction read(NDArray output, NDArray x, NoiseLevel at);

    /** The output that {@link #read} would have read: what a network is trained to answer for x0 and eps. */
    public abstract NDArray output(Prediction of, NoiseLevel at);
}
