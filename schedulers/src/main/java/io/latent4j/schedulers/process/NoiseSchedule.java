package io.latent4j.schedulers.process;

import io.latent4j.schedulers.NoiseLevel;
import java.util.Arrays;
import java.util.List;

/**
 * The noise a model was trained with: ᾱ, the product of {@code 1 − β}, at each training timestep (equation 4 of <a
 * href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</a>). Tables are float32, as in the reference implementation.
 */
public final class NoiseSchedule implements NoiseProcess {
    private static final double MAX_COSINE_BETA = 0.999;

    private final float[] alphasCumprod;

    private NoiseSchedule(float[] alphasCumprod) {
        this.alphasCumprod = alphasCumprod;
    }

    /** β linear in the timestep, as in Ho et al. */
    public static NoiseSchedule linear(int timesteps, double betaStart, double betaEnd) {
        return ofBetas(linspace(timesteps, (float) betaStart, (float) betaEnd));
    }

    /** Stable Diffusion's schedule: √β is linear in the timestep. */
    public static NoiseSchedule scaledLinear(int timesteps, double betaStart, double betaEnd) {
        float[] betas = linspace(timesteps, (float) Math.sqrt(betaStart), (float) Math.sqrt(betaEnd));
        for (int t = 0; t < timesteps; t++) {
            betas[t] *= betas[t];
        }
        return ofBetas(betas);
    }

    /** The squared-cosine schedule: equation 17 of <a href="https://arxiv.org/abs/2102.09672">Nichol et al. 2021</a>. */
    public static NoiseSchedule squaredCosine(int timesteps) {
        float[] betas = new float[checkTimesteps(timesteps)];
        for (int t = 0; t < timesteps; t++) {
            double survives = cosineAlphaBar((t + 1.0) / timesteps) / cosineAlphaBar((double) t / timesteps);
            betas[t] = (float) Math.min(1 - survives, MAX_COSINE_BETA);
        }
        return ofBetas(betas);
    }

    /**
     * β along the logistic curve from −6 to 6: the schedule of <a href="https://arxiv.org/abs/2203.02923">Xu et al.
     * 2022</a>.
     */
    public static NoiseSchedule sigmoid(int timesteps, double betaStart, double betaEnd) {
        float[] betas = linspace(timesteps, -6, 6);
        for (int t = 0; t < timesteps; t++) {
            float logistic = (float) (1 / (1 + Math.exp(-betas[t])));
            betas[t] = logistic * (float) (betaEnd - betaStart) + (float) betaStart;
        }
        return ofBetas(betas);
    }

    private static double cosineAlphaBar(double time) {
        double root = Math.cos((time + 0.008) / 1.008 * Math.PI / 2);
        return root * root;
    }

    /** One β a timestep, each above 0 and below 1. */
    public static NoiseSchedule ofBetas(List<Double> betas) {
        float[] values = new float[checkTimesteps(betas.size())];
        for (int t = 0; t < values.length; t++) {
            values[t] = betas.get(t).floatValue();
        }
        return ofBetas(values);
    }

    private static NoiseSchedule ofBetas(float[] betas) {
        for (int t = 0; t < betas.length; t++) {
            if (!(betas[t] > 0 && betas[t] < 1)) {
                throw new IllegalArgumentException(
                        "beta at timestep " + t + " is " + betas[t] + "; expected above 0 and below 1");
            }
        }
        float[] products = cumulativeProduct(betas);
        for (int t = 0; t < betas.length; t++) {
            if (!(products[t] > 0 && products[t] < (t == 0 ? 1 : products[t - 1]))) {
                throw new IllegalArgumentException("beta at timestep " + t + " is " + betas[t]
                        + ", where the product of 1 - beta is " + products[t]
                        + " in 32 bits; expected betas that let it fall at each timestep, and end above 0");
            }
        }
        return new NoiseSchedule(products);
    }

    /** ∏ (1 − β): factors and results rounded to float32, the running product kept in double. */
    private static float[] cumulativeProduct(float[] betas) {
        float[] products = new float[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            products[t] = (float) product;
        }
        return products;
    }

    /** Evenly spaced float32 values, counted from the nearer end. */
    private static float[] linspace(int count, float first, float last) {
        float[] values = new float[checkTimesteps(count)];
        float stride = (last - first) / Math.max(1, count - 1);
        for (int i = 0; i < count; i++) {
            values[i] = i < count / 2 || count == 1 ? first + stride * i : last - stride * (count - 1 - i);
        }
        return values;
    }

    private static int checkTimesteps(int timesteps) {
        if (timesteps < 1) {
            throw new IllegalArgumentException("the schedule has " + timesteps + " timesteps; expected at least 1");
        }
        return timesteps;
    }

    /**
     * The schedule stretched so that the last timestep has no signal left: algorithm 1 of <a
     * href="https://arxiv.org/abs/2305.08891">Lin et al. 2023</a>.
     *
     * @throws IllegalArgumentException if the schedule has a single timestep
     */
    public NoiseSchedule withZeroTerminalSnr() {
        int last = alphasCumprod.length - 1;
        float first = (float) Math.sqrt(alphasCumprod[0]);
        float end = (float) Math.sqrt(alphasCumprod[last]);
        if (last == 0) {
            throw new IllegalArgumentException(
                    "the schedule has 1 timestep; expected 2 or more to stretch it to zero terminal SNR");
        }
        float scale = first / (first - end);
        float[] betas = new float[last + 1];
        float before = 1;
        for (int t = 0; t <= last; t++) {
            float root = ((float) Math.sqrt(alphasCumprod[t]) - end) * scale;
            float alphaBar = root * root;
            betas[t] = 1 - alphaBar / before;
            before = alphaBar;
        }
        return new NoiseSchedule(cumulativeProduct(betas));
    }

    /** The schedule with the last ᾱ at 2⁻²⁴ instead of 0: for methods that divide by the signal. */
    public NoiseSchedule withTraceOfSignal() {
        float[] traced = alphasCumprod.clone();
        int last = traced.length - 1;
        traced[last] = Math.min(0x1p-24f, traced[last - 1] / 2);
        return new NoiseSchedule(traced);
    }

    /** The schedule up to the last timestep whose λ is {@code lambda} or more. */
    public NoiseSchedule withLambdaFrom(double lambda) {
        int count = alphasCumprod.length;
        while (count > 0 && level(count - 1).lambda() < lambda) {
            count--;
        }
        if (count == 0) {
            throw new IllegalArgumentException("lambda_min_clipped is " + lambda + "; expected at most "
                    + level(0).lambda() + ", the λ of timestep 0");
        }
        return new NoiseSchedule(Arrays.copyOf(alphasCumprod, count));
    }

    /** How many timesteps the model was trained on. */
    public int timesteps() {
        return alphasCumprod.length;
    }

    /** The noise level of training timestep {@code timestep}, 0 to {@code timesteps() − 1}. */
    public NoiseLevel level(int timestep) {
        if (timestep < 0 || timestep >= alphasCumprod.length) {
            throw new IllegalArgumentException("timestep " + timestep + " is outside the model's 0 to "
                    + (alphasCumprod.length - 1) + "; take fewer steps or a smaller steps_offset");
        }
        double alphaCumprod = alphasCumprod[timestep];
        return new NoiseLevel(timestep, Math.sqrt(alphaCumprod), Math.sqrt(1 - alphaCumprod));
    }

    /**
     * {@inheritDoc} Between two training timesteps the ratio is interpolated.
     *
     * @throws IllegalArgumentException if {@code timestep} is a whole one that the model was not trained on
     */
    @Override
    public NoiseLevel level(double timestep) {
        return timestep == Math.rint(timestep)
                ? level((int) timestep)
                : NoiseLevel.ofRatio(timestep, (float) ratio(timestep));
    }

    @Override
    public NoiseLevel ofRatio(double ratio) {
        return ratio == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofRatio((float) timestep(ratio), ratio);
    }

    /** Noise to signal at a timestep that may be fractional, interpolated between its neighbours. */
    public double ratio(double timestep) {
        double inside = Math.min(Math.max(timestep, 0), alphasCumprod.length - 1.0);
        int below = (int) inside;
        if (below == inside) {
            return ratio(below);
        }
        double slope = (double) ratio(below + 1) - ratio(below);
        return slope * (inside - below) + ratio(below);
    }

    /** Noise to signal at a timestep that may be fractional, interpolated in its logarithm: {@link #timestep} undone. */
    public double ratioByLogarithm(double timestep) {
        int below = (int) Math.min(Math.max(timestep, 0), Math.max(0, alphasCumprod.length - 2.0));
        double share = Math.min(Math.max(timestep - below, 0), 1);
        return share == 0 ? ratio(below) : Math.exp((1 - share) * logRatio(below) + share * logRatio(below + 1));
    }

    private float ratio(int timestep) {
        float alphaCumprod = alphasCumprod[timestep];
        return (float) Math.sqrt((1 - alphaCumprod) / alphaCumprod);
    }

    /** The fractional timestep whose noise to signal is {@code ratio}, interpolated in its logarithm. */
    public double timestep(double ratio) {
        double wanted = Math.log(Math.max(ratio, 1e-10));
        if (alphasCumprod.length == 1) {
            return 0;
        }
        int below = 0;
        int above = alphasCumprod.length - 1;
        while (above - below > 1) { // the ratio grows with the timestep
            int middle = (below + above) >>> 1;
            if (logRatio(middle) <= wanted) {
                below = middle;
            } else {
                above = middle;
            }
        }
        double low = logRatio(below);
        double share = (low - wanted) / (low - logRatio(below + 1));
        return below + Math.min(Math.max(share, 0), 1);
    }

    private float logRatio(int timestep) {
        return (float) Math.log(ratio(timestep));
    }
}
