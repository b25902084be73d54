package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Counted;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * The process that training undoes: a Markov chain that mixes noise into clean data over a model's training timesteps
 * (section 2 of <a href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</a>). Timesteps count from 0, so the paper's
 * {@code x_1} is that of timestep 0 here.
 *
 * <p>Arrays are (N, …) with an image a row, and {@code timesteps} has one for each of the N images. Gradients pass through
 * every method.
 */
public record ForwardProcess(NoiseSchedule noise) {

    /** Noisy data drawn from q(x_t | x_0), equation 4, with N(0, 1) noise {@code eps}: alpha · x0 + sigma · eps. */
    public NDArray noisy(NDArray x0, NDArray eps, int... timesteps) {
        return alpha(x0, timesteps).mul(x0).add(sigma(x0, timesteps).mul(eps));
    }

    /** What a network of type {@code type} is trained to answer for {@link #noisy}. */
    public NDArray target(PredictionType type, NDArray x0, NDArray eps, int... timesteps) {
        return switch (type) {
            case EPSILON -> eps;
            case V_PREDICTION ->
                alpha(x0, timesteps).mul(eps).sub(sigma(x0, timesteps).mul(x0));
            case SAMPLE -> x0;
            case FLOW -> eps.sub(x0);
        };
    }

    /** Reads {@code output}, a network's for noisy data {@code x}: {@link PredictionType#read}, a timestep an image. */
    public Prediction read(PredictionType type, NDArray output, NDArray x, int... timesteps) {
        NDArray alpha = alpha(x, timesteps);
        NDArray sigma = sigma(x, timesteps);
        if (type == PredictionType.EPSILON) {
            Arrays.stream(timesteps).mapToObj(noise::level).forEach(PredictionType::checkSignal);
        }
        return PredictionType.read(output, x, mean -> switch (type) {
            case EPSILON -> new Prediction(x.sub(sigma.mul(mean)).div(alpha), mean);
            case V_PREDICTION ->
                new Prediction(
                        alpha.mul(x).sub(sigma.mul(mean)), alpha.mul(mean).add(sigma.mul(x)));
            case SAMPLE -> new Prediction(mean, x.sub(alpha.mul(mean)).div(sigma));
            case FLOW -> {
                NDArray x0 = x.sub(sigma.mul(mean)).div(alpha.add(sigma));
                yield new Prediction(x0, x0.add(mean));
            }
        });
    }

    /** The signal-to-noise ratio of a timestep, alpha² / sigma². */
    public double snr(int timestep) {
        NoiseLevel level = noise.level(timestep);
        return square(level.alpha()) / square(level.sigma());
    }

    /**
     * What to multiply squared errors of shape {@code like}'s with, so that no timestep counts for more than its share: the
     * Min-SNR weights of <a href="https://arxiv.org/abs/2303.09556">Hang et al. 2023</a>, section 3.4.
     *
     * @param gamma where the signal-to-noise ratio is cut off; the paper's 5
     * @return (N, 1, …, 1)
     */
    public NDArray minSnrWeights(NDArray like, PredictionType type, double gamma, int... timesteps) {
        return each(like, timesteps, t -> {
            double snr = snr(t);
            NoiseLevel level = noise.level(t);
            return switch (type) { // the weight of x0's errors, times how much of x0's error an output's is
                case EPSILON -> Math.min(1, gamma / snr);
                case V_PREDICTION -> Math.min(snr, gamma) / (snr + 1);
                case SAMPLE -> Math.min(snr, gamma);
                case FLOW -> Math.min(snr, gamma) * square(level.sigma() / (level.alpha() + level.sigma()));
            };
        });
    }

    /**
     * q(x_{t-1} | x_t, x_0), equations 6 and 7: where noisy data {@code x} came from, if it came from {@code x0}. Before
     * timestep 0 there is {@code x0} itself and no variance, whose logarithm is put at timestep 1's.
     */
    public Normal posterior(NDArray x, NDArray x0, int... timesteps) {
        NDArray ofX0 = each(
                x0,
                timesteps,
                t -> before(t).alpha() * beta(t) / square(noise.level(t).sigma()));
        NDArray ofX = each(
                x0,
                timesteps,
                t -> Math.sqrt(1 - beta(t))
                        * square(before(t).sigma())
                        / square(noise.level(t).sigma()));
        return new Normal(ofX0.mul(x0).add(ofX.mul(x)), each(x0, timesteps, this::logPosteriorVariance));
    }

    /** β of a timestep: the variance of q(x_t | x_{t-1}), equation 2. */
    public double beta(int timestep) {
        return 1 - square(noise.level(timestep).alpha() / before(timestep).alpha());
    }

    /** log β̃; of timestep 0, where it would be −∞, that of timestep 1. */
    double logPosteriorVariance(int timestep) {
        int t = Math.max(timestep, Math.min(1, noise.timesteps() - 1));
        return t == 0
                ? Math.log(beta(0))
                : Math.log(beta(t) * square(before(t).sigma() / noise.level(t).sigma()));
    }

    private NoiseLevel before(int timestep) {
        return timestep == 0 ? NoiseLevel.CLEAN : noise.level(timestep - 1);
    }

    private NDArray alpha(NDArray like, int... timesteps) {
        return each(like, timesteps, t -> noise.level(t).alpha());
    }

    private NDArray sigma(NDArray like, int... timesteps) {
        return each(like, timesteps, t -> noise.level(t).sigma());
    }

    /** A number an image, to meet arrays like {@code like}: (N, 1, …, 1). */
    NDArray each(NDArray like, int[] timesteps, IntToDoubleFunction number) {
        Shape shape = like.getShape();
        if (shape.dimension() == 0 || shape.get(0) != timesteps.length) {
            throw new IllegalArgumentException("there are " + Counted.of(timesteps.length, "timestep")
                    + " for an array of shape "
                    + shape + "; expected one for each image along axis 0");
        }
        long[] sides = new long[shape.dimension()];
        Arrays.fill(sides, 1);
        sides[0] = timesteps.length;
        double[] numbers = Arrays.stream(timesteps).mapToDouble(number).toArray();
        return Ops.castLike(like.getManager().create(numbers, new Shape(sides)), like);
    }

    private static double square(double value) {
        return value * value;
    }
}
