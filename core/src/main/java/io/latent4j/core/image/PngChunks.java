package io.latent4j.core.image;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import javax.imageio.stream.ImageInputStream;

/** The chunks of a PNG file, of which a file of ordinary size has some hundreds: ImageIO takes long over millions. */
final class PngChunks {
    static final int MOST = 100_000;

    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int EXIF = 0x65584966; // "eXIf"
    private static final int DATA = 0x49444154; // "IDAT"
    private static final int END = 0x49454E44; // "IEND"

    private PngChunks() {}

    /**
     * Whether a file is a PNG file of more chunks than {@link #MOST}; a file that is cut off has those up to there.
     *
     * @param header whether only the chunks before the image data count
     */
    static boolean tooMany(ImageInputStream file, boolean header) throws IOException {
        if (!isPng(file)) {
            return false;
        }
        try {
            for (int i = 0; i <= MOST; i++) {
                long length = file.readUnsignedInt();
                int type = file.readInt();
                if (type == END || (header && type == DATA)) {
                    return false;
                }
                file.seek(file.getStreamPosition() + length + Integer.BYTES);
            }
            return true;
        } catch (EOFException e) {
            return false;
        }
    }

    /** Where Exif data begin, if they come before the image data. */
    static OptionalLong exif(ImageInputStream file) throws IOException {
        if (!isPng(file)) {
            return OptionalLong.empty();
        }
        int type = 0;
        while (type != DATA && type != END) {
            long length = file.readUnsignedInt();
            type = file.readInt();
            if (type == EXIF) {
                return OptionalLong.of(file.getStreamPosition());
            }
            file.seek(file.getStreamPosition() + length + Integer.BYTES);
        }
        return OptionalLong.empty();
    }

    private static boolean isPng(ImageInputStream file) throws IOException {
        file.seek(0);
        file.setByteOrder(ByteOrder.BIG_ENDIAN);
        try {
            return file.readLong() == SIGNATURE;
        } catch (EOFException e) {
            return false;
        }
    }
}
