package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;

/** Keeps predicted clean data in range. For models of pixels in [-1, 1]; latents have no such range. */
@FunctionalInterface
public interface Clipping {

    /** {@code x0} (N, C, H, W) brought into range. */
    NDArray clip(NDArray x0);

    /** Cuts off what is beyond −{@code range} to {@code range}. */
    static Clipping toRange(double range) {
        if (!(range >= 0 && range <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("the range is " + range + "; expected 0 or more, finite in 32 bits");
        }
        return x0 -> x0.clip(-range, range);
    }

    /**
     * Dynamic thresholding: section 2.3 of <a href="https://arxiv.org/abs/2205.11487">Saharia et al. 2022</a>. Cuts an
     * image off at the {@code ratio} quantile of its absolute values, 1 at least and {@code max} at most, and divides it
     * by that.
     */
    static Clipping dynamic(double ratio, double max) {
        if (!(ratio >= 0 && ratio <= 1 && max > 0 && max <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("the quantile is " + ratio + " and the limit " + max
                    + "; expected 0 to 1, and above 0 and finite in 32 bits");
        }
        return x0 -> {
            NDArray limit = quantile(x0, ratio).maximum(1).minimum(max);
            return x0.minimum(limit).maximum(limit.neg()).div(limit);
        };
    }

    /**
     * {@link #dynamic(double, double)} for data without a range of its own, latents for one: the {@code ratio} quantile of
     * {@code like}, image by image, stands for 1.
     *
     * @param like of the shape of the data, and such as they should be
     */
    static Clipping dynamic(double ratio, NDArray like) {
        NDArray one = quantile(like, ratio);
        return x0 -> dynamic(ratio, Float.MAX_VALUE).clip(x0.div(one)).mul(one);
    }

    /** The {@code ratio} quantile of each image's absolute values, interpolated: (N, 1, …, 1). */
    private static NDArray quantile(NDArray x0, double ratio) {
        long images = x0.getShape().get(0);
        NDArray sorted = x0.abs().reshape(images, -1).sort(1);
        double rank = ratio * (sorted.getShape().get(1) - 1);
        long below = (long) rank;
        long above = (long) Math.ceil(rank);
        NDArray low = sorted.get(":, {}:{}", below, below + 1);
        NDArray high = sorted.get(":, {}:{}", above, above + 1);
        NDArray quantile = low.add(high.sub(low).mul(rank - below)); // (N, 1)
        for (int axis = 2; axis < x0.getShape().dimension(); axis++) {
            quantile = quantile.expandDims(axis);
        }
        return quantile;
    }
}
