package io.latent4j.core.image;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import javax.imageio.stream.ImageInputStream;

/** Tags of the first directory of a TIFF file, or of Exif data, which have the same form. */
final class TiffTags {
    private static final int LITTLE = 0x4949;
    private static final int BIG = 0x4D4D;
    private static final int VERSION = 42;
    private static final int ENTRY_BYTES = 12;
    private static final int BITS_PER_SAMPLE = 0x0102;
    private static final int MOST_SAMPLES = 1024;

    private TiffTags() {}

    /**
     * The first value of a tag of 16-bit numbers; 0 if there is none. The stream stands after it.
     *
     * @param start where the data begin in the file; places in them are relative to it
     * @throws EOFException if the file is cut off
     */
    static int first(ImageInputStream file, long start, int tag) throws IOException {
        return find(file, start, tag) == 0 ? 0 : file.readUnsignedShort();
    }

    /**
     * A number of bits in a TIFF file for which ImageIO would make tables of up to 2 to its power. A file of another kind has
     * none.
     */
    static OptionalInt oddSampleBits(ImageInputStream file) throws IOException {
        try {
            long count = Math.min(find(file, 0, BITS_PER_SAMPLE), MOST_SAMPLES);
            for (int i = 0; i < count; i++) {
                int bits = file.readUnsignedShort();
                if (bits > Short.SIZE && bits != Integer.SIZE && bits != Long.SIZE) {
                    return OptionalInt.of(bits);
                }
            }
            return OptionalInt.empty();
        } catch (EOFException e) {
            return OptionalInt.empty();
        } finally {
            file.setByteOrder(ByteOrder.BIG_ENDIAN);
        }
    }

    /** Goes to the values of a tag and returns how many there are; 0 if there is no such tag. */
    private static long find(ImageInputStream file, long start, int tag) throws IOException {
        file.seek(start);
        file.setByteOrder(ByteOrder.BIG_ENDIAN);
        int order = file.readUnsignedShort();
        if (order != LITTLE && order != BIG) {
            return 0;
        }
        file.setByteOrder(order == LITTLE ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        if (file.readUnsignedShort() != VERSION) {
            return 0;
        }
        long directory = start + file.readUnsignedInt();
        file.seek(directory);
        int entries = file.readUnsignedShort();
        for (int i = 0; i < entries; i++) {
            long entry = directory + Short.BYTES + (long) i * ENTRY_BYTES;
            file.seek(entry);
            if (file.readUnsignedShort() == tag) {
                file.skipBytes(Short.BYTES); // the type
                long count = file.readUnsignedInt();
                if (count * Short.BYTES > Integer.BYTES) { // they lie elsewhere
                    file.seek(start + file.readUnsignedInt());
                }
                return count;
            }
        }
        return 0;
    }
}
