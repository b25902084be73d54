package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanesTest {

    @Test
    void givesTheImageBack() {
        BufferedImage image = image(5, 3);
        BufferedImage back = Planes.of(image).image();
        assertThat(rgb(back)).isEqualTo(rgb(image));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 5", "64, 48", "13, 200"})
    void keepsOneColourAtEverySize(int width, int height) {
        BufferedImage image = new BufferedImage(20, 30, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 20 * 30; i++) {
            image.setRGB(i % 20, i / 20, 0x0a80ff);
        }

        Planes resized = Planes.of(image).resized(width, height);

        assertThat(new int[] {resized.width(), resized.height()}).containsExactly(width, height);
        for (int rgb : rgb(resized.image())) {
            assertThat(rgb).isEqualTo(0xff0a80ff);
        }
    }

    @Test
    void keepsTheMeanWhenItReduces() {
        Planes planes = Planes.of(image(96, 96));
        assertThat(mean(planes.resized(12, 12))).isCloseTo(mean(planes), within(3.0));
    }

    @Test
    void countsEveryPixelWhenItReduces() {
        BufferedImage lines = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            for (int x = 0; x < 64; x += 2) {
                lines.setRGB(x, i, 0xffffff); // finer than the result can show
            }
        }
        Planes small = Planes.of(lines).resized(16, 16);
        for (int x = 1; x < 15; x++) {
            assertThat(small.level(0, x, 8)).isCloseTo(127.5f, within(2f));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 64, 200})
    void keepsPlacesWhenItResizes(int side) {
        BufferedImage ramp = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 100 * 100; i++) {
            ramp.setRGB(i % 100, i / 100, i % 100 << 16 | i / 100);
        }
        Planes resized = Planes.of(ramp).resized(side, side);
        for (int i = side / 8; i < side - side / 8; i++) {
            double expected = (i + 0.5) * 100 / side - 0.5;
            assertThat(resized.level(0, i, side / 2)).isCloseTo((float) expected, within(0.02f));
            assertThat(resized.level(2, side / 2, i)).isCloseTo((float) expected, within(0.02f));
        }
    }

    @Test
    void staysWithinTheRangeBesideEdges() {
        BufferedImage edge = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 8 * 4; i++) {
            edge.setRGB(i % 4, i / 4, 0xffffff);
        }
        Planes large = Planes.of(edge).resized(50, 50);
        for (int x = 0; x < 50; x++) {
            assertThat(large.level(1, x, 25)).isBetween(0f, 255f);
        }
    }

    @Test
    void takesParts() {
        BufferedImage image = image(9, 7);
        Planes part = Planes.of(image).cropped(2, 3, 4, 2);

        assertThat(rgb(part.image())).isEqualTo(rgb(image.getSubimage(2, 3, 4, 2)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> part.cropped(1, 0, 4, 2))
                .withMessageContaining("a part of 4x2 at 1, 0; expected it inside 4x2");
    }

    @Test
    void exchangesLeftAndRight() {
        BufferedImage image = image(4, 2);
        BufferedImage mirror = Planes.of(image).mirrored().image();
        assertThat(mirror.getRGB(0, 1)).isEqualTo(image.getRGB(3, 1));
        assertThat(mirror.getRGB(1, 0)).isEqualTo(image.getRGB(2, 0));
        assertThat(rgb(Planes.of(mirror).mirrored().image())).isEqualTo(rgb(image));
    }

    @Test
    void givesValuesAsModelsTakeThem() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xff0000);
        image.setRGB(1, 0, 0x00ff33);

        assertThat(Planes.of(image).values()).containsExactly(new float[] {1, -1, -1, 1, -1, -0.6f}, within(1e-6f));
    }

    @Test
    void laysTransparentImagesOnWhite() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00ff0000);
        image.setRGB(1, 0, 0xff102030);

        assertThat(rgb(Planes.of(image).image())).containsExactly(0xffffffff, 0xff102030);
    }

    @ParameterizedTest
    @CsvSource({BufferedImage.TYPE_BYTE_GRAY + ", 128", BufferedImage.TYPE_USHORT_GRAY + ", 32896"})
    void takesGrayLevelsAsTheyAre(int type, int level) {
        BufferedImage gray = new BufferedImage(3, 2, type);
        for (int i = 0; i < 6; i++) {
            gray.getRaster().setSample(i % 3, i / 3, 0, level);
        }
        for (int c = 0; c < 3; c++) {
            assertThat(Planes.of(gray).level(c, 2, 1)).isCloseTo(128, within(1e-3f));
        }
    }

    private static double mean(Planes planes) {
        double sum = 0;
        for (int i = 0; i < planes.width() * planes.height(); i++) {
            sum += planes.level(0, i % planes.width(), i / planes.width());
        }
        return sum / planes.width() / planes.height();
    }

    private static BufferedImage image(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Draws draws = Draws.of(width, height);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, (int) draws.bits());
        }
        return image;
    }

    private static int[] rgb(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
