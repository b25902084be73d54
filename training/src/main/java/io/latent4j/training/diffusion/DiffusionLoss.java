package io.latent4j.training.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.config.Counted;
import io.latent4j.core.ops.Ops;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.DdpmVariance;
import io.latent4j.schedulers.process.ForwardProcess;
import io.latent4j.schedulers.process.VariationalBound;
import java.util.Map;
import java.util.Optional;

/**
 * How far a network is from predicting the noise in noisy data: L_simple, equation 14 of <a
 * href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</a>, for any prediction type; and for a network that predicts its
 * variance too, L_hybrid, equation 16 of <a href="https://arxiv.org/abs/2102.09672">Nichol &amp; Dhariwal 2021</a>.
 *
 * @param minSnrGamma where the weights of {@link ForwardProcess#minSnrWeights} are cut off; empty for equal weights
 * @param variance what the network learns of its variance; empty if it answers as many channels as it is given
 */
public record DiffusionLoss(
        ForwardProcess process, PredictionType type, Optional<Double> minSnrGamma, Optional<LearnedVariance> variance) {
    private static final int CHANNELS = 1;

    /**
     * How the variance is learned.
     *
     * @param kind {@link DdpmVariance#LEARNED} or {@link DdpmVariance#LEARNED_RANGE}
     * @param weight λ of equation 16, the weight of the whole bound in bits a dimension; the paper's is 0.001
     */
    public record LearnedVariance(DdpmVariance kind, double weight) {
        public LearnedVariance {
            if (kind != DdpmVariance.LEARNED && kind != DdpmVariance.LEARNED_RANGE) {
                throw new IllegalArgumentException(
                        "variance is " + kind + ", which is not learned; expected LEARNED or LEARNED_RANGE");
            }
            if (!(weight > 0 && Double.isFinite(weight))) {
                throw new IllegalArgumentException("the bound's weight is " + weight + "; expected above 0");
            }
        }
    }

    /** What is trained: noisy data (N, C, …) and times (N) to an answer (N, C, …), or (N, 2C, …) with its variance. */
    @FunctionalInterface
    public interface Network {
        NDArray forward(NDArray noisy, NDArray timesteps);
    }

    /**
     * A batch's losses and what led to them.
     *
     * @param noisy what the network was given
     * @param target what it should have answered
     * @param answer what it answered, without its variance
     * @param simple the mean squared error of each image, (N)
     * @param bound the term of the variational bound of each image in bits a dimension, (N); empty where no variance is
     *     learned
     * @param losses of each image, weighted: what is minimized, (N)
     */
    public record Terms(
            NDArray noisy, NDArray target, NDArray answer, NDArray simple, Optional<NDArray> bound, NDArray losses) {

        /** What a report says of a batch: the unweighted error, and the bound where there is one. */
        Map<String, NDArray> figures() {
            return bound.map(b -> Map.of("simple", simple.mean(), "bound", b.mean()))
                    .orElseGet(() -> Map.of("simple", simple.mean()));
        }
    }

    public DiffusionLoss {
        minSnrGamma.filter(gamma -> !(gamma > 0)).ifPresent(gamma -> {
            throw new IllegalArgumentException("min_snr_gamma is " + gamma + "; expected above 0");
        });
    }

    /**
     * The loss of a model with this scheduler file, whose {@code variance_type} says whether the variance is learned.
     *
     * @param boundWeight {@link LearnedVariance#weight}
     */
    public static DiffusionLoss of(SchedulerConfig scheduler, Optional<Double> minSnrGamma, double boundWeight) {
        DdpmVariance kind = scheduler.ddpmVariance();
        boolean learned = kind == DdpmVariance.LEARNED || kind == DdpmVariance.LEARNED_RANGE;
        return new DiffusionLoss(
                new ForwardProcess(scheduler.noise()),
                scheduler.predictionType(),
                minSnrGamma,
                learned ? Optional.of(new LearnedVariance(kind, boundWeight)) : Optional.empty());
    }

    /** How many times as many channels a network returns as it is given: 2 where it predicts its variance. */
    public int answers() {
        return variance.isPresent() ? 2 : 1;
    }

    /** This loss with equal weights for all timesteps. */
    DiffusionLoss withEqualWeights() {
        return new DiffusionLoss(process, type, Optional.empty(), variance);
    }

    /**
     * The losses of a batch.
     *
     * @param x0 clean data, (N, C, …)
     * @param eps the noise, standard normal, of the same shape
     * @param timesteps one for each of the N
     * @throws IllegalArgumentException if the network does not return the channels that this loss is about
     */
    public Terms of(Network network, NDArray x0, NDArray eps, int... timesteps) {
        NDArray noisy = process.noisy(x0, eps, timesteps);
        NDArray target = process.target(type, x0, eps, timesteps);
        NDArray answer = network.forward(noisy, times(x0, timesteps));
        long channels = x0.getShape().get(CHANNELS);
        if (answer.getShape().get(CHANNELS) != channels * answers()) {
            throw new IllegalArgumentException("the network returns " + answer.getShape() + " to " + noisy.getShape()
                    + "; expected " + Counted.of(channels * answers(), "channel") + ", as "
                    + (variance.isPresent() ? "" : "no ")
                    + "variance is learned");
        }
        NDList halves = variance.isPresent() ? answer.split(2, CHANNELS) : new NDList(answer);
        NDArray mean = halves.get(0);
        NDArray simple = perImage(mean.sub(target).square());
        NDArray losses = minSnrGamma
                .map(gamma -> simple.mul(process.minSnrWeights(simple, type, gamma, timesteps)))
                .orElse(simple);
        Optional<NDArray> bound = variance.map(v -> {
            NDArray still = mean.stopGradient().concat(halves.get(1), CHANNELS); // the bound moves the variance alone
            Prediction prediction = process.read(type, still, noisy, timesteps);
            return new VariationalBound(process, v.kind).terms(x0, noisy, prediction, timesteps);
        });
        if (bound.isPresent()) { // one timestep stands for all that the bound is the sum of
            double weight = variance.orElseThrow().weight * process.noise().timesteps();
            losses = losses.add(Ops.mul(bound.get(), weight));
        }
        return new Terms(noisy, target, mean, simple, bound, losses);
    }

    private static NDArray times(NDArray like, int... timesteps) {
        float[] times = new float[timesteps.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = timesteps[i];
        }
        return like.getManager().create(times);
    }

    private static NDArray perImage(NDArray each) {
        return each.reshape(each.getShape().get(0), -1).mean(new int[] {1});
    }
}
