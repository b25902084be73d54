package io.latent4j.training.diffusion;

import io.latent4j.training.data.Draws;

/** How the timesteps to train at are drawn. */
public sealed interface Timesteps {

    /** {@code count} timesteps, each 0 to {@code timesteps − 1}. */
    int[] draw(Draws draws, int count, int timesteps);

    /**
     * Every timestep equally often. A batch's are spread evenly: one from each of {@code count} equal parts, which makes
     * the loss of a batch vary less (<a href="https://arxiv.org/abs/2107.00630">Kingma et al. 2021</a>, appendix I).
     */
    record Uniform() implements Timesteps {
        @Override
        public int[] draw(Draws draws, int count, int timesteps) {
            return spread(draws, count, timesteps, share -> share);
        }
    }

    /**
     * Noisier timesteps more often, or less noisy ones: the share of the way to the last timestep is {@code
     * u^(1 / (1 + lean))} of a uniform {@code u}. What is in an image and where is decided where there is much noise.
     *
     * @param lean 0 for none, above 0 to noisier ones; the noisiest are drawn {@code 1 + lean} times as often as on
     *     average
     */
    record Leaning(double lean) implements Timesteps {
        public Leaning {
            if (!(lean >= 0 && Double.isFinite(lean))) {
                throw new IllegalArgumentException("lean is " + lean + "; expected 0 or more");
            }
        }

        @Override
        public int[] draw(Draws draws, int count, int timesteps) {
            return spread(draws, count, timesteps, share -> Math.pow(share, 1 / (1 + lean)));
        }
    }

    /**
     * Around one noise level: the logit of the share of the way is normal (<a
     * href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>, equation 19).
     */
    record LogitNormal(double mean, double std) implements Timesteps {
        public LogitNormal {
            if (!(std > 0 && Double.isFinite(std) && Double.isFinite(mean))) {
                throw new IllegalArgumentException(
                        "logit-normal mean is " + mean + " and std " + std + "; expected any and above 0");
            }
        }

        @Override
        public int[] draw(Draws draws, int count, int timesteps) {
            int[] drawn = new int[count];
            for (int i = 0; i < count; i++) {
                double radius = Math.sqrt(-2 * Math.log(1 - draws.uniform()));
                double normal = radius * Math.cos(2 * Math.PI * draws.uniform()); // Box and Muller
                double share = 1 / (1 + Math.exp(-(mean + std * normal)));
                drawn[i] = place(share, timesteps);
            }
            return drawn;
        }
    }

    /**
     * Timesteps whose loss was large more often, each weighted so that the mean loss stays what it is: importance sampling
     * (<a href="https://arxiv.org/abs/2102.09672">Nichol &amp; Dhariwal 2021</a>, section 3.3). Until there are losses of
     * all timesteps they are drawn as by {@link Uniform}.
     *
     * @param buckets equal parts that the timesteps are put into; those of one are drawn equally often
     */
    record ByLoss(int buckets) implements Timesteps {
        public ByLoss {
            if (buckets < 1) {
                throw new IllegalArgumentException("buckets is " + buckets + "; expected 1 or more");
            }
        }

        @Override
        public int[] draw(Draws draws, int count, int timesteps) {
            return new Uniform().draw(draws, count, timesteps);
        }
    }

    /** A map of [0, 1) into itself. */
    @FunctionalInterface
    interface Quantile {
        double of(double share);
    }

    private static int[] spread(Draws draws, int count, int timesteps, Quantile quantile) {
        int[] order = draws.order(count);
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = place(quantile.of((order[i] + draws.uniform()) / count), timesteps);
        }
        return drawn;
    }

    private static int place(double share, int timesteps) {
        return Math.min(timesteps - 1, (int) (share * timesteps));
    }
}
