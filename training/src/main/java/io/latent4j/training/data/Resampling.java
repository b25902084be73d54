package io.latent4j.training.data;

/** How a line of numbers becomes a longer or shorter one: which numbers weigh how much in each of the new ones. */
final class Resampling {
    private static final double SUPPORT = 2; // of the cubic kernel, to either side
    private static final double SHARPNESS = -0.5;

    private final int[] first;
    private final float[][] weights;

    Resampling(int from, int to) {
        first = new int[to];
        weights = new float[to][];
        double scale = (double) from / to;
        double stretch = Math.max(1, scale); // wide enough to miss none
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * scale;
            int begin = Math.max(0, (int) Math.floor(centre - SUPPORT * stretch + 0.5));
            int end = Math.min(from, (int) Math.floor(centre + SUPPORT * stretch + 0.5));
            first[i] = begin;
            weights[i] = weights(begin, end, centre, stretch);
        }
    }

    private static float[] weights(int begin, int end, double centre, double stretch) {
        double[] exact = new double[end - begin];
        double sum = 0;
        for (int j = 0; j < exact.length; j++) {
            exact[j] = cubic((begin + j + 0.5 - centre) / stretch);
            sum += exact[j];
        }
        float[] weights = new float[exact.length];
        for (int j = 0; j < exact.length; j++) {
            weights[j] = (float) (exact[j] / sum);
        }
        return weights;
    }

    private static double cubic(double at) {
        double x = Math.abs(at);
        if (x < 1) {
            return ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1;
        }
        return x < SUPPORT ? SHARPNESS * (((x - 5) * x + 8) * x - 4) : 0;
    }

    /** Makes a line of {@code target} from one of {@code source}; each begins at an offset and goes on in strides. */
    void apply(float[] source, int offset, int stride, float[] target, int targetOffset, int targetStride) {
        for (int i = 0; i < first.length; i++) {
            float[] weight = weights[i];
            float sum = 0;
            for (int j = 0; j < weight.length; j++) {
                sum += weight[j] * source[offset + (first[i] + j) * stride];
            }
            target[targetOffset + i * targetStride] = sum;
        }
    }
}
