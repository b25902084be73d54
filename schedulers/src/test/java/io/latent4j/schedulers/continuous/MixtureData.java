package io.latent4j.schedulers.continuous;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import java.util.SplittableRandom;

/**
 * Images (N, D), half of them drawn around {@code center} in every value and half around {@code -center}, for which the best
 * denoiser and the density are known.
 */
record MixtureData(double center, double std) implements Denoiser {

    @Override
    public Prediction predict(NDArray x, NoiseLevel at) {
        double variance = at.alpha() * at.alpha() * std * std + at.sigma() * at.sigma();
        NDArray middle = x.sum(new int[] {1}, true)
                .mul(at.alpha() * center / variance)
                .tanh()
                .mul(center); // the expected center, (N, 1)
        NDArray x0 = x.sub(middle.mul(at.alpha()))
                .mul(at.alpha() * std * std / variance)
                .add(middle);
        return new Prediction(x0, x.sub(x0.mul(at.alpha())).div(at.sigma()));
    }

    /** log p of each image. */
    double[] logDensity(double[] images, int dimensions) {
        double[] logs = new double[images.length / dimensions];
        for (int n = 0; n < logs.length; n++) {
            double right = 0;
            double left = 0;
            for (int i = n * dimensions; i < (n + 1) * dimensions; i++) {
                right -= Math.pow((images[i] - center) / std, 2) / 2;
                left -= Math.pow((images[i] + center) / std, 2) / 2;
            }
            double most = Math.max(right, left);
            logs[n] = most
                    + Math.log((Math.exp(right - most) + Math.exp(left - most)) / 2)
                    - dimensions * Math.log(std * Math.sqrt(2 * Math.PI));
        }
        return logs;
    }

    double variance() {
        return center * center + std * std;
    }

    /** Draws images. */
    double[] draw(long seed, int images, int dimensions) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[images * dimensions];
        for (int n = 0; n < images; n++) {
            double middle = random.nextBoolean() ? center : -center;
            for (int i = 0; i < dimensions; i++) {
                values[n * dimensions + i] = middle + std * random.nextGaussian();
            }
        }
        return values;
    }

    NDArray draw(NDManager manager, long seed, int images, int dimensions) {
        return manager.create(draw(seed, images, dimensions), new Shape(images, dimensions));
    }

    static double mean(NDArray x, int power) {
        return x.pow(power).mean().toType(DataType.FLOAT64, false).getDouble();
    }
}
