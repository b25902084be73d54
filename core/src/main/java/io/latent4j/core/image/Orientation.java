package io.latent4j.core.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import javax.imageio.stream.ImageInputStream;

/**
 * How the camera was held, tag 274 of <a href="https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf">Exif 2.3</a>: 1 is
 * upright, 6 a quarter turn, and so on to 8. JPEG, PNG and WebP files hold Exif data, and a TIFF file has the tag itself.
 */
record Orientation(int code) {
    private static final Orientation UPRIGHT = new Orientation(1);
    private static final int MOST_CHUNKS = 100_000;
    private static final int RIFF = 0x52494646;
    private static final int WEBP = 0x57454250;
    private static final int WEBP_EXIF = 0x45584946; // "EXIF"
    private static final int EXIF = 0x45786966; // "Exif", before the data in JPEG files and in some WebP files
    private static final int TAG = 0x0112;

    /** The orientation of an image file; upright where the file has none, or one that makes no sense. */
    static Orientation in(ImageInputStream file, JpegHeader jpeg) throws IOException {
        try {
            if (jpeg.exif().isPresent()) {
                return inTiff(file, jpeg.exif().getAsLong());
            }
            OptionalLong png = PngChunks.exif(file);
            if (png.isPresent()) {
                return inTiff(file, png.getAsLong());
            }
            file.seek(0);
            file.setByteOrder(ByteOrder.BIG_ENDIAN);
            long start = file.readLong();
            if ((int) (start >>> Integer.SIZE) == RIFF && file.readInt() == WEBP) {
                return inWebp(file);
            }
            return inTiff(file, 0);
        } catch (EOFException | IndexOutOfBoundsException e) { // cut off, or places outside the file
            return UPRIGHT;
        } finally {
            file.setByteOrder(ByteOrder.BIG_ENDIAN);
        }
    }

    private static Orientation inWebp(ImageInputStream file) throws IOException {
        for (int i = 0; i < MOST_CHUNKS; i++) {
            int type = file.readInt();
            file.setByteOrder(ByteOrder.LITTLE_ENDIAN);
            long length = file.readUnsignedInt();
            file.setByteOrder(ByteOrder.BIG_ENDIAN);
            long start = file.getStreamPosition();
            if (type == WEBP_EXIF) {
                boolean named = file.readInt() == EXIF;
                return inTiff(file, start + (named ? 6 : 0));
            }
            file.seek(start + length + length % 2);
        }
        return UPRIGHT;
    }

    /** Of TIFF data that begin at {@code start}. */
    private static Orientation inTiff(ImageInputStream file, long start) throws IOException {
        int code = TiffTags.first(file, start, TAG);
        return code >= 1 && code <= 8 ? new Orientation(code) : UPRIGHT;
    }

    /** Whether an upright image is as wide as the stored one is high. */
    boolean swapsSides() {
        return code >= 5;
    }

    /** The image as it was seen. */
    BufferedImage upright(BufferedImage image) {
        if (code == 1) {
            return image;
        }
        Raster stored = image.getRaster();
        int width = swapsSides() ? image.getHeight() : image.getWidth();
        int height = swapsSides() ? image.getWidth() : image.getHeight();
        WritableRaster turned = stored.createCompatibleWritableRaster(width, height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int fromX = switch (code) {
                    case 2, 3 -> width - 1 - x;
                    case 5, 6 -> y;
                    case 7, 8 -> height - 1 - y;
                    default -> x;
                };
                int fromY = switch (code) {
                    case 3, 4 -> height - 1 - y;
                    case 5, 8 -> x;
                    case 6, 7 -> width - 1 - x;
                    default -> y;
                };
                turned.setDataElements(x, y, stored.getDataElements(fromX, fromY, null));
            }
        }
        return new BufferedImage(image.getColorModel(), turned, image.isAlphaPremultiplied(), null);
    }
}
