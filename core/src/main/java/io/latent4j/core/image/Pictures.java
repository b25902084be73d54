package io.latent4j.core.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures between AWT, 8-bit RGB, and arrays, (N, 3, H, W) in [-1, 1]. */
public final class Pictures {
    private static final int CHANNELS = 3;

    private Pictures() {}

    /**
     * Pictures of {@code array}, (N, 3, H, W): -1 and below is 0, 1 and above is 255, and halves round to even as in the
     * reference implementation.
     */
    @SuppressWarnings("try")
    public static List<BufferedImage> of(NDArray array) {
        Shape shape = array.getShape();
        if (shape.dimension() != 4 || shape.get(1) != CHANNELS) {
            throw new IllegalArgumentException(
                    "an array of shape " + shape + "; expected (pictures, 3, height, width)");
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
            List<BufferedImage> pictures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                pictures.add(picture(levels, i * height * width * CHANNELS, width, height));
            }
            return pictures;
        }
    }

    private static BufferedImage picture(byte[] levels, int start, int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0, at = start; y < height; y++) {
            for (int x = 0; x < width; x++, at += CHANNELS) {
                picture.setRGB(x, y, (levels[at] & 255) << 16 | (levels[at + 1] & 255) << 8 | (levels[at + 2] & 255));
            }
        }
        return picture;
    }

    /** The array of one picture, (1, 3, H, W) in [-1, 1], float32, that belongs to {@code manager}. */
    public static NDArray toArray(NDManager manager, BufferedImage picture) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        int[] rgb = opaque(picture).getRGB(0, 0, width, height, null, 0, width);
        float[] values = new float[CHANNELS * rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            for (int c = 0; c < CHANNELS; c++) {
                int level = (rgb[i] >> (16 - 8 * c)) & 255;
                values[c * rgb.length + i] = level / 127.5f - 1;
            }
        }
        return manager.create(values, new Shape(1, CHANNELS, height, width));
    }

    /** The picture on white, if it has transparency. */
    private static BufferedImage opaque(BufferedImage picture) {
        if (!picture.getColorModel().hasAlpha()) {
            return picture;
        }
        BufferedImage flat = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = flat.createGraphics();
        graphics.drawImage(picture, 0, 0, Color.WHITE, null);
        graphics.dispose();
        return flat;
    }
}
