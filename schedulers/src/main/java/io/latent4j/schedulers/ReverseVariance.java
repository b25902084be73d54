package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;

/** What the variance of a model's steps back, p(x_{t-1} | x_t), is taken to be. */
public enum ReverseVariance {
    /** β̃, the posterior's: right for data that is one point. */
    SMALL {
        @Override
        NDArray log(ForwardProcess forward, Prediction prediction, int... timesteps) {
            return forward.each(prediction.x0(), timesteps, forward::logPosteriorVariance);
        }
    },
    /** β: right for data that is N(0, 1). Before timestep 0 there is the data, so there it is {@link #SMALL}. */
    LARGE {
        @Override
        NDArray log(ForwardProcess forward, Prediction prediction, int... timesteps) {
            return forward.each(
                    prediction.x0(),
                    timesteps,
                    t -> t == 0 ? forward.logPosteriorVariance(t) : Math.log(forward.beta(t)));
        }
    },
    /** What the network says: its second half is the logarithm. */
    LEARNED {
        @Override
        NDArray log(ForwardProcess forward, Prediction prediction, int... timesteps) {
            return prediction.variance().orElseThrow(ReverseVariance::noVariance);
        }
    },
    /**
     * Between β̃ where the network says −1 and β where it says 1: equation 15 of <a
     * href="https://arxiv.org/abs/2102.09672">Nichol and Dhariwal 2021</a>.
     */
    LEARNED_RANGE {
        @Override
        NDArray log(ForwardProcess forward, Prediction prediction, int... timesteps) {
            NDArray raw = prediction.variance().orElseThrow(ReverseVariance::noVariance);
            NDArray low = forward.each(raw, timesteps, forward::logPosteriorVariance);
            NDArray high = forward.each(raw, timesteps, t -> Math.log(forward.beta(t)));
            return low.add(raw.add(1).mul(0.5).mul(high.sub(low)));
        }
    };

    /** The logarithm of the variance, of a shape that broadcasts to {@code prediction}'s. */
    abstract NDArray log(ForwardProcess forward, Prediction prediction, int... timesteps);

    private static IllegalArgumentException noVariance() {
        return new IllegalArgumentException(
                "the network said nothing of its variance; expected a Prediction with one, or variance SMALL or LARGE");
    }
}
