package io.latent4j.training.batches;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import io.latent4j.core.config.Counted;
import java.util.List;

/** Encoded images and what is said of each, in memory of the Java heap. Arrays are rows side by side, an image each. */
public final class LatentBatch {
    private final Shape shape;
    private final float[] means;
    private final float[] stds;
    private final ImmutableList<String> captions;

    /**
     * Takes {@code means} and {@code stds} as they are, one row of {@code shape.size()} an image.
     *
     * @param shape of one image's latents, (C, H, W)
     * @param captions one an image; empty where it is left out
     */
    public LatentBatch(Shape shape, float[] means, float[] stds, List<String> captions) {
        this.shape = shape;
        this.means = means;
        this.stds = stds;
        this.captions = ImmutableList.copyOf(captions);
        if (means.length != shape.size() * captions.size() || stds.length != means.length) {
            throw new IllegalArgumentException(
                    Counted.of(means.length, "mean") + " and " + Counted.of(stds.length, "deviation") + " for "
                            + Counted.of(captions.size(), "image") + " of " + shape);
        }
    }

    public int size() {
        return captions.size();
    }

    /** Of one image's latents, (C, H, W). */
    public Shape shape() {
        return shape;
    }

    public List<String> captions() {
        return captions;
    }

    /** A sample of each image's latents, (N, C, H, W): {@code mean + std · noise}. */
    public NDArray sample(NDManager manager, float[] noise) {
        float[] values = new float[means.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = means[i] + stds[i] * noise[i];
        }
        return manager.create(values, new Shape(size()).addAll(shape));
    }
}
