package io.latent4j.schedulers.continuous;

/**
 * The variance-exploding SDE, which adds noise to data it leaves alone: equations 9 and 30 of <a
 * href="https://arxiv.org/abs/2011.13456">Song et al. 2021</a>. Its coordinates are those of samplers that work at
 * {@code x0 + sigma · eps}.
 *
 * @param sigmaMin the noise at time 0
 * @param sigmaMax the noise at time 1, many times the data's spread
 */
public record VarianceExploding(double sigmaMin, double sigmaMax) implements Sde {

    public VarianceExploding {
        if (!(sigmaMin > 0 && sigmaMax > sigmaMin && sigmaMax < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "sigma goes from " + sigmaMin + " to " + sigmaMax + "; expected to rise, from above 0");
        }
    }

    @Override
    public double drift(double t) {
        return 0;
    }

    @Override
    public double diffusion(double t) {
        return std(t) * Math.sqrt(2 * Math.log(sigmaMax / sigmaMin));
    }

    @Override
    public double scale(double t) {
        return 1;
    }

    @Override
    public double std(double t) {
        return sigmaMin * Math.pow(sigmaMax / sigmaMin, t);
    }

    @Override
    public double priorStd() {
        return sigmaMax;
    }
}
