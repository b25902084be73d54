package io.latent4j.schedulers.spacing;

import io.latent4j.schedulers.LatentSize;

/**
 * How far the noise levels of a rectified flow are moved towards noise, as larger images need it: equation 23 of <a
 * href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>, {@code factor · sigma / (1 + (factor − 1) · sigma)}.
 */
public interface FlowShift {

    /**
     * What the noise to signal of every level is multiplied by; 1 leaves the levels.
     *
     * @param size of the latents
     * @param steps of the run
     */
    double factor(LatentSize size, int steps);

    /**
     * The least noise that evenly spaced levels visit before they are moved.
     *
     * @param last the sigma of the model's last trained timestep
     */
    double least(double last);

    /** {@code sigma}, 0 to 1, moved towards noise by {@code factor}. */
    static double shifted(double sigma, double factor) {
        return factor * sigma / (1 + (factor - 1) * sigma);
    }

    /**
     * The same for every size. The evenly spaced levels end at the last trained timestep as training moved it, and are moved
     * once more, as in the reference implementation.
     */
    record Fixed(double factor) implements FlowShift {
        public Fixed {
            check(factor);
        }

        @Override
        public double factor(LatentSize size, int steps) {
            return factor;
        }

        @Override
        public double least(double last) {
            return shifted(last, factor);
        }
    }

    /**
     * By the number of tokens that the network sees: a number on the line through two points.
     *
     * @param base the number at {@code baseTokens}
     * @param max the number at {@code maxTokens}
     * @param exponential whether the number is the factor's logarithm, and not the factor itself
     */
    record BySize(double base, double max, int baseTokens, int maxTokens, boolean exponential) implements FlowShift {
        public BySize {
            if (baseTokens >= maxTokens) {
                throw new IllegalArgumentException("base_image_seq_len is " + baseTokens + " and max_image_seq_len "
                        + maxTokens + "; expected the first below the second");
            }
            if (!(Math.abs(base) < 100 && Math.abs(max) < 100)) {
                throw new IllegalArgumentException(
                        "base_shift is " + base + " and max_shift " + max + "; expected both between -100 and 100");
            }
        }

        @Override
        public double factor(LatentSize size, int steps) {
            double number =
                    base + (base == max ? 0 : (max - base) / (maxTokens - baseTokens) * (size.tokens() - baseTokens));
            return check(exponential ? Math.exp(number) : number);
        }

        @Override
        public double least(double last) {
            return last;
        }
    }

    /**
     * By the number of tokens that the network sees and by the number of steps, as FLUX.2 was made for: the factor's logarithm
     * is on a line by tokens for a run of 10 steps, on another for one of 200, and for other runs on the line through both;
     * above 4300 tokens it is that of 200 steps for every run. Each position of the latents is a token.
     */
    record BySizeAndSteps() implements FlowShift {
        private static final int FEW = 10;
        private static final int MANY = 200;
        private static final long LARGE = 4300;
        private static final double FEW_SLOPE = 8.73809524e-05;
        private static final double FEW_START = 1.89833333;
        private static final double MANY_SLOPE = 0.00016927;
        private static final double MANY_START = 0.45666666;

        @Override
        public double factor(LatentSize size, int steps) {
            long tokens = size.positions();
            double few = FEW_SLOPE * tokens + FEW_START;
            double many = MANY_SLOPE * tokens + MANY_START;
            return Math.exp(tokens > LARGE ? many : many + (many - few) / (MANY - FEW) * (steps - MANY));
        }

        @Override
        public double least(double last) {
            return last;
        }
    }

    private static double check(double factor) {
        if (!(factor > 0 && factor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "the shift of the flow is " + factor + "; expected a finite shift above 0");
        }
        return factor;
    }
}
