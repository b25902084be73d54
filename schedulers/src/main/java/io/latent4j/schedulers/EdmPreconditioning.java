package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * Input and output of unit variance: the last column of table 1 of <a href="https://arxiv.org/abs/2206.00364">Karras et
 * al. 2022</a> ("EDM"), where a network F with {@code y = x / alpha} and {@code s = sigma / alpha} tells {@code x0 =
 * c_skip · y + c_out · F(c_in · y)}.
 *
 * @param sigmaData the standard deviation of the data the network was trained on
 * @param type {@link PredictionType#EPSILON} for the paper's c_out, {@link PredictionType#V_PREDICTION} for its negative
 */
public record EdmPreconditioning(double sigmaData, PredictionType type) implements Preconditioning {

    public EdmPreconditioning {
        if (!(sigmaData > 0 && sigmaData < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("sigma_data is " + sigmaData + "; expected above 0 and finite");
        }
        if (type != PredictionType.EPSILON && type != PredictionType.V_PREDICTION) {
            throw new IllegalArgumentException(
                    "prediction_type is " + type + "; EDM's preconditioning expected EPSILON or V_PREDICTION");
        }
    }

    /** c_in · y. */
    @Override
    public NDArray input(NDArray x, NoiseLevel at) {
        return x.div(at.alpha() * Math.hypot(at.ratio(), sigmaData));
    }

    @Override
    public Prediction read(NDArray output, NDArray x, NoiseLevel at) {
        double std = Math.hypot(at.ratio(), sigmaData);
        double skip = sigmaData * sigmaData / (std * std);
        double out = at.ratio() * sigmaData / std * (type == PredictionType.EPSILON ? 1 : -1);
        NDArray x0 = Ops.mul(x, skip / at.alpha()).add(Ops.mul(output, out));
        return new Prediction(x0, at.eps(x, x0));
    }
}
