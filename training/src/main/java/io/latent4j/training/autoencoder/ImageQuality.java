package io.latent4j.training.autoencoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;

/** How well images were given back. Images are (N, C, H, W) in [-1, 1]. */
public final class ImageQuality {
    /** The side of the window that structural similarity looks through; smaller images have none. */
    private static final int WINDOW = 11;

    private static final double DEVIATION = 1.5;
    private static final double C1 = 0.01 * 0.01; // for images that span 1
    private static final double C2 = 0.03 * 0.03;
    private static final Shape UNIT = new Shape(1, 1);
    private static final Shape NONE = new Shape(0, 0);

    private ImageQuality() {}

    /** The peak signal-to-noise ratio in decibels, of all images together. */
    public static double psnr(NDArray a, NDArray b) {
        return 10 * Math.log10(4 / a.sub(b).square().mean().getFloat()); // images span 2
    }

    /** Whether images are large enough for {@link #ssim}. */
    static boolean hasSsim(NDArray images) {
        return Math.min(images.getShape().get(2), images.getShape().get(3)) >= WINDOW;
    }

    /**
     * Structural similarity, 1 for equal images: equation 13 of <a
     * href="https://doi.org/10.1109/TIP.2003.819861">Wang et al. 2004</a> through a Gaussian window of 11 by 11 pixels, the
     * mean over all its places, channels and images.
     *
     * @throws IllegalArgumentException if the images are smaller than the window
     */
    static double ssim(NDArray a, NDArray b) {
        if (!hasSsim(a)) {
            throw new IllegalArgumentException(
                    "images of shape " + a.getShape() + "; expected at least " + WINDOW + " pixels high and wide");
        }
        NDArray x = planes(a);
        NDArray y = planes(b);
        NDArray meanX = blur(x);
        NDArray meanY = blur(y);
        NDArray varianceX = blur(x.square()).sub(meanX.square());
        NDArray varianceY = blur(y.square()).sub(meanY.square());
        NDArray covariance = blur(x.mul(y)).sub(meanX.mul(meanY));
        NDArray luminance = meanX.mul(meanY)
                .mul(2)
                .add(C1)
                .div(meanX.square().add(meanY.square()).add(C1));
        NDArray structure =
                covariance.mul(2).add(C2).div(varianceX.add(varianceY).add(C2));
        return luminance.mul(structure).mean().getFloat();
    }

    /** In [0, 1], each channel on its own: (N · C, 1, H, W). */
    private static NDArray planes(NDArray images) {
        Shape shape = images.getShape();
        return images.add(1).div(2).reshape(-1, 1, shape.get(2), shape.get(3));
    }

    /** Through the window, along rows and then along columns; only where it is whole. */
    private static NDArray blur(NDArray x) {
        NDArray rows = conv(x, weights(x.getManager(), 1, WINDOW));
        return conv(rows, weights(x.getManager(), WINDOW, 1));
    }

    private static NDArray conv(NDArray x, NDArray weights) {
        return Conv2d.conv2d(x, weights, null, UNIT, NONE).singletonOrThrow();
    }

    private static NDArray weights(NDManager manager, int height, int width) {
        double[] values = new double[WINDOW];
        double sum = 0;
        for (int i = 0; i < WINDOW; i++) {
            double distance = (i - (WINDOW - 1) / 2.0) / DEVIATION;
            values[i] = Math.exp(-distance * distance / 2);
            sum += values[i];
        }
        float[] normal = new float[WINDOW];
        for (int i = 0; i < WINDOW; i++) {
            normal[i] = (float) (values[i] / sum);
        }
        return manager.create(normal, new Shape(1, 1, height, width));
    }
}
