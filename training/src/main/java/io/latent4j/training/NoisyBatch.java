package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.NoiseSchedule;
import io.latent4j.schedulers.PredictionType;
import java.util.ArrayList;
import java.util.List;

/**
 * Clean data noised to a level of each one's own.
 *
 * @param noisy {@code α x0 + σ ε}, (N, C, H, W)
 * @param target what the network should answer, (N, C, H, W)
 * @param timesteps (N), float32
 * @param snr the signal-to-noise ratio {@code α² / σ²} of each, (N)
 */
record NoisyBatch(NDArray noisy, NDArray target, NDArray timesteps, List<Double> snr) {

    /** Noises {@code x0} by {@code eps}, each (N, C, H, W), to {@code timesteps}, one of each of the N. */
    static NoisyBatch of(
            NDArray x0, NDArray eps, int[] timesteps, NoiseSchedule schedule, PredictionType predictionType) {
        NDManager manager = x0.getManager();
        int count = timesteps.length;
        float[] alphas = new float[count];
        float[] sigmas = new float[count];
        float[] times = new float[count];
        List<Double> snr = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            NoiseLevel level = schedule.level(timesteps[i]);
            alphas[i] = (float) level.alpha();
            sigmas[i] = (float) level.sigma();
            times[i] = timesteps[i];
            snr.add(level.alpha() * level.alpha() / (level.sigma() * level.sigma()));
        }
        Shape perImage = new Shape(count, 1, 1, 1);
        NDArray alpha = manager.create(alphas, perImage);
        NDArray sigma = manager.create(sigmas, perImage);
        NDArray target = switch (predictionType) {
            case EPSILON -> eps;
            case SAMPLE -> x0;
            case V_PREDICTION -> eps.mul(alpha).sub(x0.mul(sigma));
        };
        return new NoisyBatch(x0.mul(alpha).add(eps.mul(sigma)), target, manager.create(times), snr);
    }
}
