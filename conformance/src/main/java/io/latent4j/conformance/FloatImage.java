package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import java.awt.color.ColorSpace;
import java.awt.image.BandedSampleModel;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/** Makes images of arrays without rounding them to 8 bits. */
final class FloatImage {
    private FloatImage() {}

    /** The image of {@code levels}, (1, C, H, W) in [0, 1] with C 3 for RGB or 1 for grey. */
    static BufferedImage of(NDArray levels) {
        int channels = Math.toIntExact(levels.getShape().get(1));
        int height = Math.toIntExact(levels.getShape().get(2));
        int width = Math.toIntExact(levels.getShape().get(3));
        WritableRaster raster = Raster.createWritableRaster(
                new BandedSampleModel(DataBuffer.TYPE_FLOAT, width, height, channels), null);
        float[] values = levels.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            int pixel = i % (width * height);
            raster.setSample(pixel % width, pixel / width, i / (width * height), values[i]);
        }
        ColorSpace space = ColorSpace.getInstance(channels == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        ColorModel colours = new ComponentColorModel(space, false, false, ColorModel.OPAQUE, DataBuffer.TYPE_FLOAT);
        return new BufferedImage(colours, raster, false, null);
    }
}
