package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import com.google.common.primitives.Booleans;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import java.util.Arrays;

/**
 * The variational bound of −log p(x_0), equation 5 of <a href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</a>, term by
 * term: an array (N) of bits per dimension of each image. Gradients pass, as <a
 * href="https://arxiv.org/abs/2102.09672">Nichol and Dhariwal 2021</a> need to learn the variance.
 *
 * @param variance of the model's steps back
 */
public record VariationalBound(ForwardProcess forward, DdpmVariance variance) {
    /** Half the distance of two of the 256 levels that pixels in [-1, 1] have. */
    private static final double HALF_LEVEL = 1.0 / 255;

    private static final double ENDLESS = 1e8; // standard deviations

    /** p(x_{t-1} | x_t): the step back from noisy data {@code x} that the network's {@code prediction} leads to. */
    public Normal reverse(NDArray x, Prediction prediction, int... timesteps) {
        NDArray mean = forward.posterior(x, prediction.x0(), timesteps).mean();
        return new Normal(mean, logVariance(prediction, timesteps));
    }

    /** Before timestep 0 there is the data, so a fixed variance there is the small one. */
    private NDArray logVariance(Prediction prediction, int... timesteps) {
        NDArray like = prediction.x0();
        NDArray small = forward.each(like, timesteps, forward::logPosteriorVariance);
        return switch (variance) {
            case FIXED_SMALL -> small;
            case FIXED_LARGE ->
                forward.each(
                        like, timesteps, t -> t == 0 ? forward.logPosteriorVariance(t) : Math.log(forward.beta(t)));
            case LEARNED ->
                Ops.maximum(DdpmVariance.told(prediction.variance()), DdpmVariance.LEAST)
                        .log();
            case LEARNED_RANGE -> {
                NDArray large = forward.each(like, timesteps, t -> Math.log(forward.beta(t)));
                NDArray place = Ops.mul(DdpmVariance.told(prediction.variance()).add(1), 0.5);
                yield small.add(place.mul(large.sub(small)));
            }
        };
    }

    /**
     * The terms of {@code timesteps}: L_{t-1}, how far {@link #reverse} is from where {@code x} came from, and at timestep 0
     * L_0, the cost of the pixels.
     *
     * @param x0 pixels of 256 levels in [-1, 1]
     * @param x {@code x0} noised to {@code timesteps}
     * @param prediction the network's for {@code x}
     */
    public NDArray terms(NDArray x0, NDArray x, Prediction prediction, int... timesteps) {
        Normal reverse = reverse(x, prediction, timesteps);
        NDArray divergence = bits(forward.posterior(x, x0, timesteps).kl(reverse));
        boolean[] first = new boolean[timesteps.length];
        for (int i = 0; i < timesteps.length; i++) {
            first[i] = timesteps[i] == 0;
        }
        if (!Booleans.contains(first, true)) {
            return divergence;
        }
        NDArray pixels = bits(decoder(reverse, x0).neg());
        return NDArrays.where(x0.getManager().create(first), pixels, divergence);
    }

    /** L_T: how far the last timestep is from noise only. */
    public NDArray prior(NDArray x0) {
        int[] last = new int[Math.toIntExact(x0.getShape().get(0))];
        Arrays.fill(last, forward.noise().timesteps() - 1);
        NoiseLevel level = forward.noise().level(last[0]);
        NDArray logVariance = forward.each(x0, last, t -> 2 * Math.log(level.sigma()));
        return bits(new Normal(Ops.mul(x0, level.alpha()), logVariance).kl(new Normal(x0.zerosLike(), x0.zerosLike())));
    }

    /**
     * The whole bound, an estimate with one draw of noise a timestep. Asks the model once for every training timestep.
     *
     * @param x0 pixels of 256 levels in [-1, 1]
     */
    public NDArray total(NDArray x0, Denoiser model, NoiseSource noise) {
        int images = Math.toIntExact(x0.getShape().get(0));
        NDArray total = prior(x0);
        for (int t = forward.noise().timesteps() - 1; t >= 0; t--) {
            int[] timesteps = new int[images];
            Arrays.fill(timesteps, t);
            NoiseLevel level = forward.noise().level(t);
            NDArray before = total;
            total = Scopes.scoped(() -> {
                NDArray x = forward.noisy(x0, noise.like(x0), timesteps);
                return before.add(terms(x0, x, model.predict(x, level), timesteps));
            });
            before.close();
        }
        return total;
    }

    /** log p(x_0 | x_1) of each pixel in nats, the normal density over its level: section 3.3 of Ho et al. */
    private static NDArray decoder(Normal normal, NDArray x0) {
        NDArray distance = x0.sub(normal.mean());
        NDArray std = normal.std();
        NDArray lower = distance.sub(HALF_LEVEL).div(std);
        NDArray upper = distance.add(HALF_LEVEL).div(std);
        NDArray endless = x0.onesLike().mul(ENDLESS);
        return Ops.logNormalInterval(
                NDArrays.where(x0.lt(HALF_LEVEL - 1), endless.neg(), lower),
                NDArrays.where(x0.gt(1 - HALF_LEVEL), endless, upper));
    }

    /** Nats a value to bits a dimension of each image: (N, …) → (N). */
    private static NDArray bits(NDArray nats) {
        return Ops.div(nats.reshape(nats.getShape().get(0), -1).mean(new int[] {1}), Math.log(2));
    }
}
