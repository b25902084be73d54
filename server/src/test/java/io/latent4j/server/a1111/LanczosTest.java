package io.latent4j.server.a1111;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

final class LanczosTest {
    private static BufferedImage of(int width, int height, int... greys) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < greys.length; i++) {
            image.setRGB(i % width, i / width, greys[i] * 0x010101);
        }
        return image;
    }

    private static int grey(BufferedImage image, int x, int y) {
        return image.getRGB(x, y) & 0xff;
    }

    @Test
    void givesTheValuesOfTheFormula() {
        BufferedImage large = Lanczos.resized(of(9, 1, 100, 100, 100, 100, 200, 100, 100, 100, 100), 18, 1);
        assertThat(large.getWidth()).isEqualTo(18);
        double[] distances = {-2.75, -1.75, -0.75, 0.25, 1.25, 2.25}; // of pixels of the image from that at 8
        double sum = 0;
        for (double x : distances) {
            sum += kernel(x);
        }
        int expected = (int) Math.round(100 + 100 * kernel(0.25) / sum);
        assertThat(grey(large, 8, 0)).isEqualTo(expected);
        assertThat(grey(large, 9, 0)).isEqualTo(expected); // as far at the other side
        assertThat(grey(large, 6, 0)).isLessThan(100); // in the first lobe below 0
    }

    private static double kernel(double x) {
        return 3 * Math.sin(Math.PI * x) * Math.sin(Math.PI * x / 3) / (Math.PI * Math.PI * x * x);
    }

    @Test
    void keepsOneColourAndItsOwnSize() {
        BufferedImage plain = of(5, 4);
        for (int i = 0; i < 20; i++) {
            plain.setRGB(i % 5, i / 5, 0x804020);
        }
        for (int[] size : new int[][] {{13, 2}, {1, 1}, {5, 9}, {50, 40}}) {
            BufferedImage resized = Lanczos.resized(plain, size[0], size[1]);
            for (int y = 0; y < size[1]; y++) {
                for (int x = 0; x < size[0]; x++) {
                    assertThat(resized.getRGB(x, y) & 0xffffff).isEqualTo(0x804020);
                }
            }
        }
        BufferedImage image = of(3, 2, 0, 50, 250, 10, 90, 170);
        BufferedImage same = Lanczos.resized(image, 3, 2);
        for (int i = 0; i < 6; i++) {
            assertThat(same.getRGB(i % 3, i / 3)).isEqualTo(image.getRGB(i % 3, i / 3));
        }
    }

    @Test
    void countsEveryPixelWhereItIsSmaller() {
        int[] stripes = new int[64];
        for (int i = 0; i < stripes.length; i += 2) {
            stripes[i] = 200;
        }
        BufferedImage small = Lanczos.resized(of(64, 1, stripes), 8, 1);
        for (int x = 2; x < 6; x++) {
            assertThat(grey(small, x, 0)).isBetween(98, 102);
        }
    }

    @Test
    void mirrorsAsTheImageDoes() {
        int[] greys = {0, 10, 80, 200, 120, 40, 255};
        int[] mirrored = new int[7];
        for (int i = 0; i < 7; i++) {
            mirrored[i] = greys[6 - i];
        }
        BufferedImage across = Lanczos.resized(of(7, 1, greys), 10, 1);
        BufferedImage back = Lanczos.resized(of(7, 1, mirrored), 10, 1);
        BufferedImage down = Lanczos.resized(of(1, 7, greys), 1, 10);
        for (int i = 0; i < 10; i++) {
            assertThat(grey(back, 9 - i, 0)).isEqualTo(grey(across, i, 0));
            assertThat(grey(down, 0, i)).isEqualTo(grey(across, i, 0));
        }
    }
}
