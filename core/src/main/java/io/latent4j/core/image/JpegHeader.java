package io.latent4j.core.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import java.util.OptionalLong;
import javax.imageio.stream.ImageInputStream;

/**
 * What a JPEG file says before its image data. ImageIO reads files of four components, CMYK, as numbers without colours.
 *
 * @param components of a pixel: 1 for grey, 3 for colours, 4 for CMYK; 0 if the file is not a JPEG file
 * @param adobe the colour transform in Adobe's segment; such files store the ink that is left out, and 2 stands for YCCK
 * @param exif where Exif data begin in the file
 */
record JpegHeader(int components, OptionalInt adobe, OptionalLong exif) {
    private static final int MOST_SEGMENTS = 100_000;
    private static final int START = 0xFFD8;
    private static final int SCAN = 0xFFDA;
    private static final int EXIF_SEGMENT = 0xFFE1;
    private static final int ADOBE_SEGMENT = 0xFFEE;
    private static final int EXIF = 0x45786966;
    private static final int ADOBE = 0x41646F62;
    private static final int FIRST_FRAME = 0xFFC0;
    private static final int LAST_FRAME = 0xFFCF;
    private static final int YCCK = 2;
    private static final int MOST = 255;

    /** The header of a file; empty where it is not a JPEG file or is cut off. */
    static JpegHeader in(ImageInputStream file) throws IOException {
        OptionalInt adobe = OptionalInt.empty();
        OptionalLong exif = OptionalLong.empty();
        int components = 0;
        try {
            file.seek(0);
            file.setByteOrder(ByteOrder.BIG_ENDIAN);
            boolean more = file.readUnsignedShort() == START;
            for (int i = 0; more && i < MOST_SEGMENTS; i++) {
                int marker = file.readUnsignedShort();
                long start = file.getStreamPosition();
                int length = file.readUnsignedShort();
                if (isFrame(marker)) {
                    file.skipBytes(5); // precision, height, width
                    components = file.readUnsignedByte();
                } else if (marker == EXIF_SEGMENT && exif.isEmpty() && file.readInt() == EXIF) {
                    exif = OptionalLong.of(start + Short.BYTES + Integer.BYTES + Short.BYTES);
                } else if (marker == ADOBE_SEGMENT && length >= 14 && file.readInt() == ADOBE) {
                    file.skipBytes(7); // the name's last letter, version and flags
                    adobe = OptionalInt.of(file.readUnsignedByte());
                }
                more = marker >= FIRST_FRAME && marker != SCAN && components == 0;
                file.seek(start + length);
            }
        } catch (EOFException e) {
            return new JpegHeader(components, adobe, exif);
        }
        return new JpegHeader(components, adobe, exif);
    }

    /** Three numbers of that range are Huffman tables, arithmetic coding and an extension. */
    private static boolean isFrame(int marker) {
        return marker >= FIRST_FRAME
                && marker <= LAST_FRAME
                && marker != 0xFFC4
                && marker != 0xFFC8
                && marker != 0xFFCC;
    }

    /** The colours of a decoded CMYK image: each is what the inks let through, (1 - C) (1 - K). */
    BufferedImage cmyk(Raster inks) {
        boolean ycck = adobe.isPresent() && adobe.getAsInt() == YCCK;
        BufferedImage image = new BufferedImage(inks.getWidth(), inks.getHeight(), BufferedImage.TYPE_INT_RGB);
        int[] row = new int[inks.getWidth() * components];
        for (int y = 0; y < inks.getHeight(); y++) {
            inks.getPixels(inks.getMinX(), inks.getMinY() + y, inks.getWidth(), 1, row);
            for (int x = 0; x < inks.getWidth(); x++) {
                int at = x * components;
                if (ycck) {
                    toInks(row, at);
                }
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    rgb = rgb << Byte.SIZE | through(row[at + c], row[at + 3]);
                }
                image.setRGB(x, y, rgb);
            }
        }
        return image;
    }

    private int through(int ink, int black) {
        int light = adobe.isPresent() ? ink * black : (MOST - ink) * (MOST - black);
        return (light + MOST / 2) / MOST;
    }

    /** Of luma and chroma the CMY of a JPEG file, as ITU-T T.872 has them. */
    private static void toInks(int[] ycck, int at) {
        double luma = ycck[at];
        double blue = ycck[at + 1] - 128;
        double red = ycck[at + 2] - 128;
        ycck[at] = level(MOST - (luma + 1.402 * red));
        ycck[at + 1] = level(MOST - (luma - 0.344136 * blue - 0.714136 * red));
        ycck[at + 2] = level(MOST - (luma + 1.772 * blue));
    }

    private static int level(double value) {
        return (int) Math.round(Math.min(MOST, Math.max(0, value)));
    }
}
