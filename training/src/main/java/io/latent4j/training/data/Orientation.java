package io.latent4j.training.data;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a camera was held, as the Exif part of a JPEG file tells (tag 274 of <a
 * href="https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf">Exif 2.3</a>): 1 is upright, 6 a quarter turn, and so on to 8.
 */
record Orientation(int code) {
    /** As many bytes of a file as its orientation is in. */
    static final int ENOUGH = 66_000;

    private static final Orientation UPRIGHT = new Orientation(1);
    private static final int JPEG = 0xFFD8;
    private static final int EXIF_SEGMENT = 0xFFE1;
    private static final int FIRST_APP_SEGMENT = 0xFFE0;
    private static final int LAST_APP_SEGMENT = 0xFFEF;
    private static final int EXIF = 0x45786966;
    private static final int LITTLE = 0x4949;
    private static final int TAG = 0x0112;
    private static final int ENTRY_BYTES = 12;

    /** The orientation in the first bytes of a file; upright where none is told, or in a way that makes no sense. */
    static Orientation in(byte[] file) {
        try {
            return read(ByteBuffer.wrap(file));
        } catch (BufferUnderflowException | IllegalArgumentException e) { // cut off, or places outside the file
            return UPRIGHT;
        }
    }

    private static Orientation read(ByteBuffer file) {
        if (unsigned(file) != JPEG) {
            return UPRIGHT;
        }
        int marker = unsigned(file);
        while (marker >= FIRST_APP_SEGMENT && marker <= LAST_APP_SEGMENT) {
            int end = file.position() + unsigned(file);
            if (marker == EXIF_SEGMENT && file.getInt() == EXIF && file.getShort() == 0) {
                return readTiff(file.slice());
            }
            file.position(end);
            marker = unsigned(file);
        }
        return UPRIGHT;
    }

    private static Orientation readTiff(ByteBuffer tiff) {
        tiff.order(unsigned(tiff) == LITTLE ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        tiff.getShort(); // 42
        tiff.position(tiff.getInt());
        int entries = unsigned(tiff);
        for (int i = 0; i < entries; i++) {
            int start = tiff.position();
            if (unsigned(tiff) == TAG) {
                tiff.position(start + 8); // after type and count
                int code = unsigned(tiff);
                return code >= 1 && code <= 8 ? new Orientation(code) : UPRIGHT;
            }
            tiff.position(start + ENTRY_BYTES);
        }
        return UPRIGHT;
    }

    private static int unsigned(ByteBuffer bytes) {
        return bytes.getShort() & 0xffff;
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
