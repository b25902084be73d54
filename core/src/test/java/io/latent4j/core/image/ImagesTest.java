package io.latent4j.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import java.awt.color.ColorSpace;
import java.awt.image.BandedSampleModel;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import org.junit.jupiter.api.Test;

class ImagesTest {

    @Test
    void readsEightBitsAsMinusOneToOne() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0xFF0080);
        assertThat(values(image)).containsExactly(new float[] {1, -1, -1, -1, 128 / 127.5f - 1, -1}, within(1e-6f));
    }

    @Test
    void losesNothingOfFloatingPointImages() {
        WritableRaster raster =
                Raster.createWritableRaster(new BandedSampleModel(DataBuffer.TYPE_FLOAT, 1, 1, 3), null);
        raster.setPixel(0, 0, new float[] {0.123456f, 0.5f, 0.999f});
        ColorModel colours = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, ColorModel.OPAQUE, DataBuffer.TYPE_FLOAT);
        assertThat(values(new BufferedImage(colours, raster, false, null)))
                .containsExactly(new float[] {2 * 0.123456f - 1, 0, 2 * 0.999f - 1}, within(1e-6f));
    }

    @Test
    void takesGreyLevelsAsTheyAreStored() {
        BufferedImage grey = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(0, 0, 0, 51); // AWT's own RGB of it is 124
        assertThat(values(grey)).containsExactly(new float[] {-0.6f, -0.6f, -0.6f}, within(1e-6f));
    }

    @Test
    void keepsTheImageThatHasTheSizeAlready() {
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        assertThat(Images.resized(image, 3, 2)).isSameAs(image);
    }

    @Test
    void countsEveryPixelWhenItMakesAnImageSmaller() {
        BufferedImage stripes = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x += 8) {
                stripes.setRGB(x, y, 0xFFFFFF);
            }
        }
        int level = Images.resized(stripes, 4, 4).getRGB(2, 2) & 255;
        assertThat(level).isBetween(255 / 8 - 8, 255 / 8 + 8);
    }

    private static float[] values(BufferedImage image) {
        try (NDManager manager = NDManager.newBaseManager()) {
            return Images.toArray(manager, image).toFloatArray();
        }
    }
}
