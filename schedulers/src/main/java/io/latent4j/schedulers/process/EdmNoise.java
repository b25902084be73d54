package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;

/**
 * The noise of networks trained as in <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a> ("EDM"). Such a
 * network knows no training timesteps: it is told a quarter of the ratio's logarithm, and any ratio will do. Its input and
 * output have unit variance, as the last column of the paper's table 1 says: a network F, with {@code y = x / alpha} and
 * {@code s = sigma / alpha}, tells {@code x0 = c_skip · y + c_out · F(c_in · y)}.
 *
 * @param sigmaData the standard deviation of the data the network was trained on
 */
public record EdmNoise(double sigmaData) implements NoiseProcess {

    public EdmNoise {
        if (!(sigmaData > 0 && sigmaData < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("sigma_data is " + sigmaData + "; expected above 0 and finite");
        }
    }

    @Override
    public NoiseLevel level(double timestep) {
        return NoiseLevel.ofRatio(timestep, Math.exp(4 * timestep));
    }

    @Override
    public NoiseLevel ofRatio(double ratio) {
        return ratio == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofRatio((float) (Math.log((float) ratio) / 4), (float) ratio);
    }

    /** c_in · y. */
    @Override
    public NDArray input(NDArray x, NoiseLevel at) {
        return x.div(at.alpha() * Math.hypot(at.ratio(), sigmaData));
    }

    /**
     * {@inheritDoc}
     *
     * @param type {@link PredictionType#EPSILON} for the paper's c_out, {@link PredictionType#V_PREDICTION} for its
     *     negative
     */
    @Override
    public Prediction read(PredictionType type, NDArray output, NDArray x, NoiseLevel at) {
        checkType(type);
        double std = Math.hypot(at.ratio(), sigmaData);
        double skip = sigmaData * sigmaData / (std * std);
        double out = at.ratio() * sigmaData / std * (type == PredictionType.EPSILON ? 1 : -1);
        NDArray x0 = Ops.mul(x, skip / at.alpha()).add(Ops.mul(output, out));
        return new Prediction(x0, at.eps(x, x0));
    }

    /** Refuses the types that its networks never are of. */
    public static void checkType(PredictionType type) {
        if (type != PredictionType.EPSILON && type != PredictionType.V_PREDICTION) {
            throw new IllegalArgumentException(
                    "prediction_type is " + type + "; EDM's preconditioning expected EPSILON or V_PREDICTION");
        }
    }
}
