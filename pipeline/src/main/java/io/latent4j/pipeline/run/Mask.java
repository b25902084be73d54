package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.image.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/** What to repaint, as a grey image: 255 is repainted, 0 kept, and between them the two are mixed. */
record Mask(BufferedImage levels) {
    private static final int HALF = 128;
    private static final int MOST = 255;

    /** The levels of an image of any kind; transparent parts count as black. */
    static Mask of(BufferedImage image) {
        return new Mask(drawn(Images.srgb(image), image.getWidth(), image.getHeight()));
    }

    private static BufferedImage drawn(BufferedImage image, int width, int height) {
        BufferedImage levels = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        Graphics2D graphics = levels.createGraphics();
        graphics.setColor(Color.BLACK);
        graphics.fillRect(0, 0, width, height);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return levels;
    }

    /** The part in {@code region}, at another size. */
    Mask part(Rectangle region, int width, int height) {
        BufferedImage part = levels.getSubimage(region.x, region.y, region.width, region.height);
        return part.getWidth() == width && part.getHeight() == height
                ? new Mask(part)
                : new Mask(drawn(part, width, height));
    }

    int level(int x, int y) {
        return levels.getRaster().getSample(x, y, 0);
    }

    /** The smallest rectangle around all that is not black; empty if all is. */
    Rectangle bounds() {
        Rectangle bounds = new Rectangle(0, 0, -1, -1);
        for (int y = 0; y < levels.getHeight(); y++) {
            for (int x = 0; x < levels.getWidth(); x++) {
                if (level(x, y) > 0) {
                    bounds.add(new Rectangle(x, y, 1, 1));
                }
            }
        }
        return bounds;
    }

    /** This mask under a Gaussian blur of standard deviation {@code sigma} pixels; beyond the edge it goes on as at it. */
    Mask blurred(int sigma) {
        return sigma == 0 ? this : blurredAlong(sigma, true).blurredAlong(sigma, false);
    }

    private Mask blurredAlong(int sigma, boolean x) {
        int reach = 3 * sigma;
        double[] kernel = new double[2 * reach + 1];
        Arrays.setAll(kernel, i -> Math.exp(-(i - reach) * (i - reach) / (2.0 * sigma * sigma)));
        double sum = Arrays.stream(kernel).sum();
        int width = levels.getWidth();
        int height = levels.getHeight();
        BufferedImage blurred = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        int lines = x ? height : width;
        int length = x ? width : height;
        int[] line = new int[length];
        for (int i = 0; i < lines; i++) {
            line = x
                    ? levels.getRaster().getSamples(0, i, width, 1, 0, line)
                    : levels.getRaster().getSamples(i, 0, 1, height, 0, line);
            for (int at = 0; at < length; at++) {
                double mean = 0;
                for (int k = 0; k < kernel.length; k++) {
                    mean += kernel[k] * line[Math.min(Math.max(at + k - reach, 0), length - 1)];
                }
                blurred.getRaster().setSample(x ? at : i, x ? i : at, 0, (int) Math.round(mean / sum));
            }
        }
        return new Mask(blurred);
    }

    /** 1 where repainted and 0 where kept, every {@code stride}-th pixel: (1, 1, H / stride, W / stride). */
    NDArray array(NDManager manager, int stride) {
        int height = levels.getHeight() / stride;
        int width = levels.getWidth() / stride;
        float[] values = new float[height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = level(i % width * stride, i / width * stride) >= HALF ? 1 : 0;
        }
        return manager.create(values, new Shape(1, 1, height, width));
    }

    /** Mixes {@code made} into {@code original}, which stays as it is, with the mask's corner at (x, y) of the original. */
    BufferedImage mix(BufferedImage original, BufferedImage made, int left, int top) {
        BufferedImage mixed = new BufferedImage(original.getWidth(), original.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = mixed.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, mixed.getWidth(), mixed.getHeight());
        graphics.drawImage(Images.srgb(original), 0, 0, null);
        graphics.dispose();
        for (int y = 0; y < levels.getHeight(); y++) {
            for (int x = 0; x < levels.getWidth(); x++) {
                int kept = mixed.getRGB(left + x, top + y);
                mixed.setRGB(left + x, top + y, mix(kept, made.getRGB(x, y), level(x, y)));
            }
        }
        return mixed;
    }

    private static int mix(int kept, int made, int level) {
        int rgb = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            int from = (kept >> shift) & MOST;
            int to = (made >> shift) & MOST;
            rgb |= ((from * (MOST - level) + to * level + HALF - 1) / MOST) << shift;
        }
        return rgb;
    }
}
