package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.latent4j.core.image.Images;
import java.awt.image.BufferedImage;

/**
 * An image as three planes of numbers, red, green and blue, 0 to 255 each, row by row.
 *
 * <p>Resizing is bicubic with the kernel widened by the factor of reduction (<a
 * href="https://doi.org/10.1109/TASSP.1981.1163711">Keys 1981</a>, a = -1/2), so that every pixel of the source counts.
 */
public final class Planes {
    private static final int CHANNELS = 3;
    private static final int MOST = 255;

    private final int width;
    private final int height;
    private final float[] levels; // (3, height, width)

    private Planes(int width, int height, float[] levels) {
        this.width = width;
        this.height = height;
        this.levels = levels;
    }

    /** The planes of an image; a transparent one is laid on white. */
    public static Planes of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        float[] levels = new float[CHANNELS * width * height];
        float[] stored = Images.levels(image);
        int pixels = width * height;
        for (int i = 0; i < levels.length; i++) {
            levels[i] = stored[i % pixels * CHANNELS + i / pixels] * MOST;
        }
        return new Planes(width, height, levels);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The level of one channel (0 red, 1 green, 2 blue) of one pixel. */
    float level(int channel, int x, int y) {
        return levels[(channel * height + y) * width + x];
    }

    /** The image at another size. */
    public Planes resized(int newWidth, int newHeight) {
        checkArgument(newWidth > 0 && newHeight > 0, "the size is %sx%s; expected 1x1 or more", newWidth, newHeight);
        if (newWidth == width && newHeight == height) {
            return this;
        }
        Resampling across = new Resampling(width, newWidth);
        Resampling down = new Resampling(height, newHeight);
        float[] narrow = new float[CHANNELS * height * newWidth];
        for (int row = 0; row < CHANNELS * height; row++) {
            across.apply(levels, row * width, 1, narrow, row * newWidth, 1);
        }
        float[] result = new float[CHANNELS * newHeight * newWidth];
        for (int c = 0; c < CHANNELS; c++) {
            for (int x = 0; x < newWidth; x++) {
                down.apply(narrow, c * height * newWidth + x, newWidth, result, c * newHeight * newWidth + x, newWidth);
            }
        }
        for (int i = 0; i < result.length; i++) {
            result[i] = Math.min(MOST, Math.max(0, result[i])); // the kernel overshoots beside edges
        }
        return new Planes(newWidth, newHeight, result);
    }

    /** A part of the image. */
    public Planes cropped(int left, int top, int newWidth, int newHeight) {
        checkArgument(
                left >= 0 && top >= 0 && left + newWidth <= width && top + newHeight <= height,
                "a part of %sx%s at %s, %s; expected it inside %sx%s",
                newWidth,
                newHeight,
                left,
                top,
                width,
                height);
        float[] part = new float[CHANNELS * newWidth * newHeight];
        for (int c = 0; c < CHANNELS; c++) {
            for (int y = 0; y < newHeight; y++) {
                System.arraycopy(
                        levels, (c * height + top + y) * width + left, part, (c * newHeight + y) * newWidth, newWidth);
            }
        }
        return new Planes(newWidth, newHeight, part);
    }

    /** The image with left and right exchanged. */
    public Planes mirrored() {
        float[] mirror = new float[levels.length];
        for (int row = 0; row < CHANNELS * height; row++) {
            for (int x = 0; x < width; x++) {
                mirror[row * width + x] = levels[row * width + width - 1 - x];
            }
        }
        return new Planes(width, height, mirror);
    }

    /** The planes as a model takes them, (3, height, width) in [-1, 1]. */
    public float[] values() {
        float[] values = new float[levels.length];
        for (int i = 0; i < levels.length; i++) {
            values[i] = levels[i] / (MOST / 2f) - 1;
        }
        return values;
    }

    /** The image in 8-bit RGB. */
    public BufferedImage image() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = 0;
                for (int c = 0; c < CHANNELS; c++) {
                    rgb = rgb << 8 | Math.round(level(c, x, y));
                }
                image.setRGB(x, y, rgb);
            }
        }
        return image;
    }
}
