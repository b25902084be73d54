package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;

/** Data drawn from N(mean, std²), for which the best denoiser and the path of the flow are known. */
public record GaussianData(double mean, double std) implements Denoiser {

    /** The expected clean part and noise, given noisy latents. */
    @Override
    public Prediction predict(NDArray latents, NoiseLevel at) {
        double variance = variance(at);
        NDArray offset = latents.sub(at.alpha() * mean);
        return new Prediction(
                offset.mul(at.alpha() * std * std / variance).add(mean), offset.mul(at.sigma() / variance));
    }

    /** Where the flow takes {@code latents} from one level to another. */
    public NDArray flow(NDArray latents, NoiseLevel from, NoiseLevel to) {
        double stretch = Math.sqrt(variance(to) / variance(from));
        return latents.sub(from.alpha() * mean).mul(stretch).add(to.alpha() * mean);
    }

    /** Standard deviation of the data noised to a level. */
    public double std(NoiseLevel at) {
        return Math.sqrt(variance(at));
    }

    /**
     * Where the reverse of the diffusion with {@code eta} times its noise takes {@code latents}, on average over that
     * noise: with 0 the flow, with 1 the mean of what is at {@code to}, given what is at {@code from}.
     */
    NDArray reverseMean(NDArray latents, NoiseLevel from, NoiseLevel to, double eta) {
        double flow = Math.sqrt(variance(to) / variance(from));
        double stretch = flow * Math.pow(flow * from.alpha() / to.alpha(), eta);
        return latents.sub(from.alpha() * mean).mul(stretch).add(to.alpha() * mean);
    }

    private double variance(NoiseLevel at) {
        return at.alpha() * at.alpha() * std * std + at.sigma() * at.sigma();
    }
}
