package io.latent4j.core.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.util.ArrayList;
import java.util.List;

/** Images between AWT, 8-bit RGB, and arrays, (N, 3, H, W) in [-1, 1]. */
public final class Images {
    private static final int CHANNELS = 3;

    private Images() {}

    /**
     * Images of {@code array}, (N, 3, H, W): -1 and below is 0, 1 and above is 255, and halves round to even as in the
     * reference implementation.
     */
    @SuppressWarnings("try")
    public static List<BufferedImage> of(NDArray array) {
        Shape shape = array.getShape();
        if (shape.dimension() != 4 || shape.get(1) != CHANNELS) {
            throw new IllegalArgumentException("an array of shape " + shape + "; expected (images, 3, height, width)");
        }
        int count = Math.toIntExact(shape.get(0));
        int height = Math.toIntExact(shape.get(2));
        int width = Math.toIntExact(shape.get(3));
        try (NDScope scope = new NDScope()) {
            byte[] levels = array.toType(DataType.FLOAT32, false)
                    .div(2)
                    .add(0.5)
                    .clip(0, 1)
                    .mul(255)
                    .round()
                    .toType(DataType.UINT8, false)
                    .transpose(0, 2, 3, 1) // (N, H, W, 3)
                    .toByteArray();
            List<BufferedImage> images = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                images.add(image(levels, i * height * width * CHANNELS, width, height));
            }
            return images;
        }
    }

    private static BufferedImage image(byte[] levels, int start, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0, at = start; y < height; y++) {
            for (int x = 0; x < width; x++, at += CHANNELS) {
                image.setRGB(x, y, (levels[at] & 255) << 16 | (levels[at + 1] & 255) << 8 | (levels[at + 2] & 255));
            }
        }
        return image;
    }

    /**
     * The array of one image, (1, 3, H, W) in [-1, 1], float32, that belongs to {@code manager}. Images of
     * more than 8 bits or of floating-point numbers lose nothing.
     */
    public static NDArray toArray(NDManager manager, BufferedImage image) {
        float[] levels = isFine(image) ? fineLevels(image) : levels(image);
        float[] values = new float[levels.length];
        int pixels = levels.length / CHANNELS;
        for (int i = 0; i < pixels; i++) {
            for (int c = 0; c < CHANNELS; c++) {
                values[c * pixels + i] = levels[i * CHANNELS + c] * 2 - 1;
            }
        }
        return manager.create(values, new Shape(1, CHANNELS, image.getHeight(), image.getWidth()));
    }

    /**
     * Whether {@link BufferedImage#getRGB} would change something: it has 8 bits, and takes grey levels for linear light, for
     * which nobody means them.
     */
    private static boolean isFine(BufferedImage image) {
        ColorModel colours = image.getColorModel();
        boolean grey = colours.getNumColorComponents() == 1;
        boolean deep = colours.getTransferType() != DataBuffer.TYPE_BYTE
                && colours.getColorSpace().isCS_sRGB();
        return colours instanceof ComponentColorModel && !colours.hasAlpha() && (grey || deep);
    }

    /** Red, green and blue in [0, 1], pixel by pixel. */
    private static float[] fineLevels(BufferedImage image) {
        ColorModel colours = image.getColorModel();
        float[] levels = new float[CHANNELS * image.getWidth() * image.getHeight()];
        float[] colour = new float[colours.getNumComponents()];
        for (int y = 0, at = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++, at += CHANNELS) {
                Object pixel = image.getRaster().getDataElements(x, y, null);
                colours.getNormalizedComponents(pixel, colour, 0);
                for (int c = 0; c < CHANNELS; c++) {
                    levels[at + c] = colour[colour.length == 1 ? 0 : c];
                }
            }
        }
        return levels;
    }

    private static float[] levels(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] rgb = opaque(image).getRGB(0, 0, width, height, null, 0, width);
        float[] levels = new float[CHANNELS * rgb.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = ((rgb[i / CHANNELS] >> (16 - 8 * (i % CHANNELS))) & 255) / 255f;
        }
        return levels;
    }

    /**
     * The image at another size, as it is where that is its own. It is made smaller by halves, so that every pixel counts.
     */
    public static BufferedImage resized(BufferedImage image, int width, int height) {
        if (image.getWidth() == width && image.getHeight() == height) {
            return image;
        }
        BufferedImage from = opaque(image);
        while (from.getWidth() > 2 * width || from.getHeight() > 2 * height) {
            from = drawn(from, Math.max(width, from.getWidth() / 2), Math.max(height, from.getHeight() / 2));
        }
        return drawn(from, width, height);
    }

    private static BufferedImage drawn(BufferedImage image, int width, int height) {
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        boolean smaller = width < image.getWidth() || height < image.getHeight();
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION,
                smaller ? RenderingHints.VALUE_INTERPOLATION_BILINEAR : RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return scaled;
    }

    /** The image on white, if it has transparency. */
    private static BufferedImage opaque(BufferedImage image) {
        if (!image.getColorModel().hasAlpha()) {
            return image;
        }
        BufferedImage flat = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = flat.createGraphics();
        graphics.drawImage(image, 0, 0, Color.WHITE, null);
        graphics.dispose();
        return flat;
    }
}
