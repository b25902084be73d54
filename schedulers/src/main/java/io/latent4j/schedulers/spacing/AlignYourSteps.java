package io.latent4j.schedulers.spacing;

import com.google.common.primitives.ImmutableDoubleArray;
import java.util.stream.IntStream;

/**
 * Noise levels optimised for one model: <a href="https://arxiv.org/abs/2404.14507">Sabour et al. 2024</a>. The tables
 * are of ten steps, the last of which ends without noise; other numbers of steps take levels in between, interpolated
 * in the logarithm. The range of the method has no part in it.
 */
public enum AlignYourSteps implements SigmaSpacing {
    STABLE_DIFFUSION(14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029),
    STABLE_DIFFUSION_XL(14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029),
    STABLE_VIDEO_DIFFUSION(700, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002);

    private final ImmutableDoubleArray table;

    AlignYourSteps(double... table) {
        this.table = ImmutableDoubleArray.copyOf(table);
    }

    @Override
    public double[] ratios(int steps, double max, double min) {
        double stride = (table.length() - 1.0) / steps;
        return IntStream.range(0, steps).mapToDouble(i -> ratio(i * stride)).toArray();
    }

    private double ratio(double place) {
        int above = (int) place;
        double share = place - above;
        return share == 0
                ? table.get(above)
                : table.get(above) * Math.pow(table.get(above + 1) / table.get(above), share);
    }
}
