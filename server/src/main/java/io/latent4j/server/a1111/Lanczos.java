package io.latent4j.server.a1111;

import io.latent4j.core.image.Images;
import java.awt.image.BufferedImage;

/**
 * Images at another size by the windowed sinc of Lanczos with three lobes, which is as wide as a pixel of the result where that is
 * smaller. Beyond the edge there is nothing.
 *
 * <p>It is written here because the image library at hand has a filter of that name whose levels are not those of the formula.
 */
final class Lanczos {
    private static final int LOBES = 3;
    private static final int CHANNELS = 3;
    private static final int MOST = 255;

    private final BufferedImage image;
    private final int width;
    private final float[][] rows; // each at the width of the result, while it is needed

    private Lanczos(BufferedImage image, int width) {
        this.image = image;
        this.width = width;
        this.rows = new float[image.getHeight()][];
    }

    /** The image at this size, opaque. */
    static BufferedImage resized(BufferedImage image, int width, int height) {
        return new Lanczos(Images.opaque(image), width).resized(height);
    }

    private BufferedImage resized(int height) {
        Window[] across = windows(image.getWidth(), width);
        Window[] down = windows(image.getHeight(), height);
        BufferedImage resized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] line = new int[width];
        int kept = 0;
        for (int y = 0; y < height; y++) {
            Window window = down[y];
            for (; kept < window.first(); kept++) {
                rows[kept] = null;
            }
            float[] sum = new float[width * CHANNELS];
            for (int i = 0; i < window.size(); i++) {
                float[] row = row(window.first() + i, across);
                float weight = window.weight(i);
                for (int k = 0; k < sum.length; k++) {
                    sum[k] += weight * row[k];
                }
            }
            for (int x = 0; x < width; x++) {
                line[x] = level(sum[3 * x]) << 16 | level(sum[3 * x + 1]) << 8 | level(sum[3 * x + 2]);
            }
            resized.setRGB(0, y, width, 1, line, 0, width);
        }
        return resized;
    }

    private static int level(float value) {
        return Math.max(0, Math.min(MOST, Math.round(value)));
    }

    private float[] row(int y, Window[] across) {
        if (rows[y] == null) {
            int[] from = image.getRGB(0, y, image.getWidth(), 1, null, 0, image.getWidth());
            float[] row = new float[width * CHANNELS];
            for (int x = 0; x < width; x++) {
                Window window = across[x];
                for (int i = 0; i < window.size(); i++) {
                    int rgb = from[window.first() + i];
                    float weight = window.weight(i);
                    row[3 * x] += weight * (rgb >> 16 & MOST);
                    row[3 * x + 1] += weight * (rgb >> 8 & MOST);
                    row[3 * x + 2] += weight * (rgb & MOST);
                }
            }
            rows[y] = row;
        }
        return rows[y];
    }

    /** Which pixels of the image a pixel of the result is made of, and how much of each. Their sum is 1. */
    private static final class Window {
        private final int first;
        private final float[] weights;

        Window(int first, float[] weights) {
            this.first = first;
            this.weights = weights;
        }

        int first() {
            return first;
        }

        int size() {
            return weights.length;
        }

        float weight(int i) {
            return weights[i];
        }
    }

    private static Window[] windows(int from, int to) {
        Window[] windows = new Window[to];
        double scale = from / (double) to;
        double stretch = Math.max(1, scale);
        for (int x = 0; x < to; x++) {
            double centre = (x + 0.5) * scale;
            int first = Math.max(0, (int) (centre - LOBES * stretch + 0.5));
            int end = Math.min(from, (int) (centre + LOBES * stretch + 0.5));
            float[] weights = new float[end - first];
            double sum = 0;
            for (int i = 0; i < weights.length; i++) {
                double weight = weight((first + i + 0.5 - centre) / stretch);
                weights[i] = (float) weight;
                sum += weight;
            }
            for (int i = 0; i < weights.length; i++) {
                weights[i] /= (float) sum;
            }
            windows[x] = new Window(first, weights);
        }
        return windows;
    }

    private static double weight(double x) {
        return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
