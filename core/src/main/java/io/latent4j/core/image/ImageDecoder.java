package io.latent4j.core.image;

import com.google.common.base.Throwables;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes image files of every format that ImageIO has a reader for. Files are not trusted: sizes are checked before
 * anything is decoded, and whatever a reader throws on a damaged file becomes an {@link IOException} with the file's name.
 *
 * <p>An image is upright, as its Exif orientation says, and in the levels that the file stores: see {@link Images#srgb}. Of
 * a file with several images, the first is decoded.
 */
public final class ImageDecoder {
    private static final Set<String> SUFFIXES = Stream.concat(
                    Stream.of(ImageIO.getReaderFileSuffixes()),
                    Stream.of("png", "jpg", "jpeg", "bmp", "gif", "webp")) // named even where there is no reader
            .map(suffix -> suffix.toLowerCase(Locale.ROOT))
            .filter(suffix -> !suffix.isEmpty())
            .collect(Collectors.toUnmodifiableSet());

    private static final List<String> IN_JAVA = List.of("com.sun.imageio.", "com.twelvemonkeys.imageio.");
    private static final long MOST_BYTES = 256L << 20;
    private static final long MOST_PIXELS = 100_000_000;
    private static final int MOST_BITS = 128; // of a pixel: four channels of floating-point numbers
    private static final int CONVERTED_BYTES = 4; // of a pixel, in the image that is returned
    private static final int CMYK = 4;

    private ImageDecoder() {}

    /** Returns whether a file of this name should be an image. */
    public static boolean isImage(String name) {
        return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /**
     * Returns the width and height that {@link #decode} will give, from the file's header.
     *
     * @throws IOException if it is not an image, or is too large to be decoded
     */
    public static Dimension size(Path file) throws IOException {
        return with(file, Extent.HEADER, (header, reader) -> {
            Dimension size = size(reader);
            boolean turns = header.orientation().swapsSides();
            return turns ? new Dimension(/* width= */ size.height, /* height= */ size.width) : size;
        });
    }

    /**
     * Decodes the image in a file.
     *
     * @return {@link BufferedImage#TYPE_INT_RGB}, {@link BufferedImage#TYPE_INT_ARGB} where it may be transparent, or an
     *     sRGB image of more bits where the file has more
     * @throws IOException if it is not a regular file, damaged, cut off, of a kind that cannot be read, has more than 256 MB
     *     or 100 million pixels, or needs more memory than there is
     */
    public static BufferedImage decode(Path file) throws IOException {
        return with(file, Extent.WHOLE, ImageDecoder::decode);
    }

    /**
     * Checks that a file is a regular one of a size that {@link #decode} reads.
     *
     * @throws IOException if it is not
     */
    public static void check(Path file) throws IOException {
        if (Files.notExists(file)) {
            throw new IOException(file + ": does not exist; expected an image");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": is not a regular file; expected an image");
        }
        long size = Files.size(file);
        if (size > MOST_BYTES) {
            throw new IOException(file + ": has " + size + " bytes; expected an image of at most " + MOST_BYTES);
        }
    }

    /** What ImageIO does not say about a file. */
    private record Header(Orientation orientation, JpegHeader jpeg) {}

    /** How much of a file is read. */
    private enum Extent {
        HEADER,
        WHOLE
    }

    private interface Work<T> {
        T with(Header header, ImageReader reader) throws IOException;
    }

    private static <T> T with(Path file, Extent extent, Work<T> work) throws IOException {
        check(file);
        try (ImageInputStream in = new BufferedFileStream(file)) {
            return with(in, extent, work);
        } catch (UnreadableImage e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        } catch (OutOfMemoryError | IOException | RuntimeException | StackOverflowError e) { // readers throw all kinds
            if (Throwables.getCausalChain(e).stream().anyMatch(OutOfMemoryError.class::isInstance)) {
                throw new ImageMemoryException(
                        file + ": cannot be read as an image: there is too little memory for it; "
                                + "make the image smaller or give the JVM more memory",
                        e);
            }
            throw new IOException(
                    file + ": cannot be read as an image: " + reason(e)
                            + "; expected a whole file; replace or remove it",
                    e);
        }
    }

    private static <T> T with(ImageInputStream in, Extent extent, Work<T> work) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new UnreadableImage("is not an image of a kind that can be read here; expected one of "
                    + Stream.of(ImageIO.getReaderFormatNames())
                            .map(name -> name.toLowerCase(Locale.ROOT))
                            .distinct()
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }
        ImageReader reader = inJava(readers);
        try {
            checkParts(in, extent);
            JpegHeader jpeg = JpegHeader.in(in);
            Header header = new Header(Orientation.in(in, jpeg), jpeg);
            in.seek(0);
            reader.setInput(in, true, true);
            checkSize(reader);
            return work.with(header, reader);
        } finally {
            reader.dispose();
        }
    }

    /** Files are not trusted, so a reader in Java goes before one in C, and levels are the same with and without that one. */
    private static ImageReader inJava(Iterator<ImageReader> readers) {
        ImageReader first = readers.next();
        ImageReader reader = first;
        while (!isInJava(reader) && readers.hasNext()) {
            reader = readers.next();
        }
        return isInJava(reader) ? reader : first;
    }

    private static boolean isInJava(ImageReader reader) {
        String name = reader.getClass().getName();
        return IN_JAVA.stream().anyMatch(name::startsWith);
    }

    private static String reason(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static Dimension size(ImageReader reader) throws IOException {
        return new Dimension(reader.getWidth(0), reader.getHeight(0));
    }

    /** The header is all that is read here. */
    private static void checkSize(ImageReader reader) throws IOException {
        Dimension size = size(reader);
        checkPixels("", size.width, size.height);
        checkPixels("parts of ", reader.getTileWidth(0), reader.getTileHeight(0));
        ImageTypeSpecifier type = reader.getRawImageType(0);
        int bits = type == null ? Integer.SIZE : bits(type);
        if (bits > MOST_BITS) {
            throw new UnreadableImage("has " + bits + " bits a pixel; expected at most " + MOST_BITS);
        }
        long needed = (long) size.width * size.height * ((bits + Byte.SIZE - 1) / Byte.SIZE + CONVERTED_BYTES);
        long most = Runtime.getRuntime().maxMemory();
        if (needed > most) {
            throw new UnreadableImage("has " + size.width + "x" + size.height + " pixels, which need " + (needed >> 20)
                    + " MB of memory; expected at most the " + (most >> 20)
                    + " MB that the JVM may have; make the image smaller or give the JVM more memory");
        }
    }

    /** What costs the readers much time or memory, however few pixels there are. */
    private static void checkParts(ImageInputStream in, Extent extent) throws IOException {
        if (PngChunks.tooMany(in, extent == Extent.HEADER)) {
            throw new UnreadableImage("has more than " + PngChunks.MOST
                    + " chunks; expected a PNG file of ordinary size; save it again with another program");
        }
        OptionalInt odd = TiffTags.oddSampleBits(in);
        if (odd.isPresent()) {
            throw new UnreadableImage(
                    "has samples of " + odd.getAsInt() + " bits; expected 1 to 16, 32 or 64; save it again as 8 or 16");
        }
    }

    private static int bits(ImageTypeSpecifier type) {
        int bits = 0;
        for (int band = 0; band < type.getNumBands(); band++) {
            bits += type.getBitsPerBand(band);
        }
        return bits;
    }

    private static void checkPixels(String what, int width, int height) throws UnreadableImage {
        if ((long) width * height > MOST_PIXELS) {
            throw new UnreadableImage("has " + what + width + "x" + height + " pixels; expected at most " + MOST_PIXELS
                    + "; make the image smaller");
        }
    }

    /** Some readers only warn where a file ends too early, and leave the rest of the image grey. */
    private static BufferedImage decode(Header header, ImageReader reader) throws IOException {
        EarlyEnd end = new EarlyEnd();
        reader.addIIOReadWarningListener(end);
        BufferedImage image = header.jpeg().components() == CMYK
                ? header.jpeg().cmyk(reader.readRaster(0, null))
                : Images.srgb(reader.read(0));
        if (end.seen.isPresent()) {
            throw new IOException(end.seen.get());
        }
        return header.orientation().upright(image);
    }

    /** Notices that a file is cut off. */
    private static final class EarlyEnd implements IIOReadWarningListener {
        private Optional<String> seen = Optional.empty();

        @Override
        public void warningOccurred(ImageReader source, String warning) {
            if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
                seen = Optional.of(warning);
            }
        }
    }

    /** What is wrong with an image, in a sentence whose subject is the file. */
    private static final class UnreadableImage extends IOException {
        private static final long serialVersionUID = 1;

        UnreadableImage(String message) {
            super(message);
        }
    }
}
