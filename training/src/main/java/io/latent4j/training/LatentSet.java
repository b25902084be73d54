package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Encoded pictures and their captions, in memory. Arrays are rows side by side, a picture each.
 */
final class LatentSet {
    private final Shape shape;
    private final int width;
    private final float[] means;
    private final float[] stds;
    private final ImmutableList<ImmutableList<String>> captions;

    /**
     * Takes {@code means} and {@code stds} as they are, one row of {@code shape.size()} a picture.
     *
     * @param shape of one picture's latents, (C, H, W)
     * @param captions of each picture, one or more
     */
    LatentSet(Shape shape, float[] means, float[] stds, List<List<String>> captions) {
        this.shape = shape;
        this.width = Math.toIntExact(shape.size());
        this.means = means;
        this.stds = stds;
        this.captions = captions.stream().map(ImmutableList::copyOf).collect(ImmutableList.toImmutableList());
        if (means.length != (long) width * captions.size() || stds.length != means.length) {
            throw new IllegalArgumentException(means.length + " means and " + stds.length + " deviations for "
                    + captions.size() + " pictures of " + shape);
        }
    }

    int size() {
        return captions.size();
    }

    Shape shape() {
        return shape;
    }

    List<String> captions(int index) {
        return captions.get(index);
    }

    /** A sample of each picture's latents, (N, C, H, W): {@code mean + std · noise}. */
    NDArray sample(NDManager manager, int[] indices, float[] noise) {
        float[] values = new float[indices.length * width];
        for (int i = 0; i < indices.length; i++) {
            int row = indices[i] * width;
            for (int j = 0; j < width; j++) {
                values[i * width + j] = means[row + j] + stds[row + j] * noise[i * width + j];
            }
        }
        return manager.create(values, new Shape(indices.length).addAll(shape));
    }

    /** The standard deviation of all numbers of samples: what latents are divided by. */
    double deviation() {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < means.length; i++) {
            sum += means[i];
            squares += (double) means[i] * means[i] + (double) stds[i] * stds[i];
        }
        double mean = sum / means.length;
        return Math.sqrt(squares / means.length - mean * mean);
    }
}
