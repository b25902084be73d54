package io.latent4j.core.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.util.ArrayList;
import java.util.List;

/** Images between AWT, 8-bit RGB, and arrays, (N, 3, H, W) in [-1, 1]. */
public final class Images {
    private static final int CHANNELS = 3;
    private static final int MOST = 255;

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
            NDArray rounded = Ops.cast(array, DataType.FLOAT32)
                    .div(2)
                    .add(0.5)
                    .clip(0, 1)
                    .mul(255)
                    .round();
            byte[] levels = Ops.cast(rounded, DataType.UINT8)
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
     * The array of one image, (1, 3, H, W) in [-1, 1], float32, that belongs to {@code manager}. Images of more than 8 bits
     * or of floating-point numbers lose nothing. A transparent image is laid on white.
     */
    public static NDArray toArray(NDManager manager, BufferedImage image) {
        float[] levels = levels(image);
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
     * Red, green and blue in [0, 1], pixel by pixel: the levels that the image stores (see {@link #srgb}). A transparent
     * image is laid on white.
     */
    public static float[] levels(BufferedImage image) {
        BufferedImage srgb = srgb(image);
        float[] levels = new float[CHANNELS * srgb.getWidth() * srgb.getHeight()];
        if (!isEightBits(srgb)) {
            fillDeep(srgb, levels);
            return levels;
        }
        int[] row = new int[srgb.getWidth()];
        for (int y = 0, at = 0; y < srgb.getHeight(); y++) {
            srgb.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int x = 0; x < row.length; x++, at += CHANNELS) {
                int alpha = row[x] >>> 24;
                for (int c = 0; c < CHANNELS; c++) {
                    int level = (row[x] >> (16 - 8 * c)) & MOST;
                    levels[at + c] =
                            alpha == MOST ? level / 255f : (level * alpha + MOST * (MOST - alpha)) / (255f * MOST);
                }
            }
        }
        return levels;
    }

    private static boolean isEightBits(BufferedImage srgb) {
        return srgb.getType() == BufferedImage.TYPE_INT_RGB || srgb.getType() == BufferedImage.TYPE_INT_ARGB;
    }

    private static void fillDeep(BufferedImage srgb, float[] levels) {
        ColorModel colours = srgb.getColorModel();
        float[] pixel = new float[colours.getNumComponents()];
        Object data = null;
        for (int y = 0, at = 0; y < srgb.getHeight(); y++) {
            for (int x = 0; x < srgb.getWidth(); x++, at += CHANNELS) {
                data = srgb.getRaster().getDataElements(x, y, data);
                colours.getNormalizedComponents(data, pixel, 0);
                float alpha = colours.hasAlpha() ? pixel[CHANNELS] : 1;
                for (int c = 0; c < CHANNELS; c++) {
                    levels[at + c] = alpha == 1 ? pixel[c] : pixel[c] * alpha + 1 - alpha;
                }
            }
        }
    }

    /**
     * The image in sRGB with the levels that it stores: {@link BufferedImage#TYPE_INT_RGB}, or {@link
     * BufferedImage#TYPE_INT_ARGB} where it may be transparent; an image of 16 bits or of floating-point numbers keeps its
     * precision. The image itself is returned where it is of such a kind already.
     *
     * <p>AWT takes grey levels for linear light and makes them brighter, so that {@link BufferedImage#getRGB} and drawing
     * change them; here grey is equal red, green and blue. CMYK without a profile becomes what the inks let through, (1 - C)
     * (1 - K). Colours of another profile are converted.
     */
    public static BufferedImage srgb(BufferedImage image) {
        ColorModel colours = image.getColorModel();
        if (isEightBits(image)) {
            return image;
        }
        boolean components = colours instanceof ComponentColorModel;
        ColorSpace space = colours.getColorSpace();
        boolean deep = colours.getTransferType() != DataBuffer.TYPE_BYTE;
        if (components && deep && space.isCS_sRGB() && !image.isAlphaPremultiplied()) {
            return image;
        }
        boolean grey = space.getType() == ColorSpace.TYPE_GRAY;
        boolean cmyk = space.getType() == ColorSpace.TYPE_CMYK && !(space instanceof ICC_ColorSpace);
        if (components && (grey || cmyk)) {
            return stored(image, deep, grey);
        }
        BufferedImage result = new BufferedImage(
                image.getWidth(),
                image.getHeight(),
                colours.hasAlpha() ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
        if (space.isCS_sRGB()) {
            int[] row = new int[image.getWidth()];
            for (int y = 0; y < image.getHeight(); y++) {
                image.getRGB(0, y, row.length, 1, row, 0, row.length);
                result.setRGB(0, y, row.length, 1, row, 0, row.length);
            }
            return result;
        }
        return new ColorConvertOp(null).filter(image, result);
    }

    /** Grey or CMYK, whose numbers become levels without a colour space between them. */
    private static BufferedImage stored(BufferedImage image, boolean deep, boolean grey) {
        ColorModel colours = image.getColorModel();
        boolean transparent = colours.hasAlpha();
        BufferedImage result = deep
                ? deep(image.getWidth(), image.getHeight(), transparent)
                : new BufferedImage(
                        image.getWidth(),
                        image.getHeight(),
                        transparent ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
        int most = deep ? 0xFFFF : MOST;
        float[] pixel = new float[colours.getNumComponents()];
        int[] levels = new int[transparent ? CHANNELS + 1 : CHANNELS];
        Object data = null;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                data = image.getRaster().getDataElements(x, y, data);
                colours.getNormalizedComponents(data, pixel, 0);
                for (int c = 0; c < CHANNELS; c++) {
                    float level = grey ? pixel[0] : (1 - pixel[c]) * (1 - pixel[CHANNELS]);
                    levels[c] = Math.round(Math.min(1, Math.max(0, level)) * most);
                }
                if (transparent) {
                    levels[CHANNELS] = Math.round(pixel[pixel.length - 1] * most);
                }
                result.getRaster().setPixel(x, y, levels);
            }
        }
        return result;
    }

    /** An sRGB image of 16 bits a channel. */
    private static BufferedImage deep(int width, int height, boolean transparent) {
        ColorModel colours = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB),
                transparent,
                false,
                transparent ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
                DataBuffer.TYPE_USHORT);
        return new BufferedImage(colours, colours.createCompatibleWritableRaster(width, height), false, null);
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

    /** The image in sRGB; on white if it may be transparent. */
    public static BufferedImage opaque(BufferedImage image) {
        BufferedImage srgb = srgb(image);
        return srgb.getColorModel().hasAlpha() ? on(Color.WHITE, srgb) : srgb;
    }

    private static BufferedImage on(Color background, BufferedImage image) {
        BufferedImage flat = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = flat.createGraphics();
        graphics.drawImage(image, 0, 0, background, null);
        graphics.dispose();
        return flat;
    }
}
