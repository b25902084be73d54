package io.latent4j.schedulers.process;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;

/**
 * A rectified flow, {@code x = (1 − sigma) · x0 + sigma · eps}, so {@code alpha + sigma = 1}: <a
 * href="https://arxiv.org/abs/2209.03003">Liu et al. 2022</a>. Its flow is {@code dx/dsigma = eps − x0}, a straight line for
 * each image. The network is told sigma times the number of training timesteps.
 *
 * @param timesteps how many the model was trained on
 */
public record RectifiedFlow(int timesteps) implements NoiseProcess {

    public RectifiedFlow {
        if (timesteps < 1) {
            throw new IllegalArgumentException("the flow has " + timesteps + " timesteps; expected at least 1");
        }
    }

    @Override
    public NoiseLevel level(double timestep) {
        return timestep == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofFlow(timestep, timestep / timesteps);
    }

    /** The level with {@code sigma} noise, 0 to 1. */
    public NoiseLevel ofSigma(double sigma) {
        return sigma == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofFlow((float) (sigma * timesteps), sigma);
    }

    @Override
    public NoiseLevel ofRatio(double ratio) {
        return ofSigma(share(ratio));
    }

    @Override
    public NoiseLevel ofRatio(double timestep, double ratio) {
        return NoiseLevel.ofFlow(timestep, share(ratio));
    }

    /** The sigma of a noise to signal, which is without end where there is no signal. */
    private static double share(double ratio) {
        return Double.isInfinite(ratio) ? 1 : ratio / (1 + ratio);
    }

    @Override
    public double sigma(NoiseLevel level) {
        return level.sigma();
    }

    /** Halfway in λ; from noise alone, whose λ is −∞, or to none, halfway in sigma. */
    @Override
    public NoiseLevel middle(NoiseLevel from, NoiseLevel to) {
        return from.alpha() == 0 || to.sigma() == 0
                ? ofSigma((from.sigma() + to.sigma()) / 2)
                : NoiseProcess.super.middle(from, to);
    }

    @Override
    public NDArray slope(Prediction p) {
        return p.eps().sub(p.x0());
    }

    @Override
    public NDArray along(NDArray x, NDArray slope, NoiseLevel from, NoiseLevel to) {
        return x.add(slope.mul(to.sigma() - from.sigma()));
    }
}
