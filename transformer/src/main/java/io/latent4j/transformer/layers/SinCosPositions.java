package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;

/**
 * Where patches lie, as waves (<a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017</a>, section 3.5, in two
 * dimensions): the first half of the channels is of the column, the second of the row, each the sines and then the cosines
 * of {@code position / 10000^(4i / width)}. A grid of any size is stretched to the one that the network began with: positions
 * go from 0 to {@code base / interpolation}.
 *
 * @param width channels, a multiple of 4
 * @param base patches of a side that the network began with
 * @param interpolation by how much that was enlarged later
 */
public record SinCosPositions(int width, double base, double interpolation) {
    private static final double LONGEST = 10_000;

    public SinCosPositions {
        if (width % 4 != 0) {
            throw new IllegalArgumentException("positions of " + width + " channels; expected a multiple of 4");
        }
    }

    /** The positions of a grid, (1, height · width, channels) in float32, on the device of {@code like}. */
    public NDArray of(long height, long width, NDArray like) {
        double[][] rows = waves(height);
        double[][] columns = waves(width);
        int half = this.width / 2;
        float[] values = new float[Math.toIntExact(height * width * this.width)];
        int at = 0;
        for (double[] row : rows) {
            for (double[] column : columns) {
                for (int i = 0; i < half; i++) {
                    values[at + i] = (float) column[i];
                    values[at + half + i] = (float) row[i];
                }
                at += this.width;
            }
        }
        return Ops.array(like.getManager(), values, new Shape(1, height * width, this.width));
    }

    /** Sines and cosines of each place along a side. */
    private double[][] waves(long side) {
        int quarter = width / 4;
        double[][] waves = new double[Math.toIntExact(side)][2 * quarter];
        for (int n = 0; n < side; n++) {
            double position = n * base / side / interpolation;
            for (int i = 0; i < quarter; i++) {
                double angle = position / Math.pow(LONGEST, (double) i / quarter);
                waves[n][i] = Math.sin(angle);
                waves[n][quarter + i] = Math.cos(angle);
            }
        }
        return waves;
    }
}
