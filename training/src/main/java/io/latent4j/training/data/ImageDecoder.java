package io.latent4j.training.data;

import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes image files of every format that ImageIO has a reader for. Files are not trusted. */
final class ImageDecoder {
    private static final Set<String> SUFFIXES = Stream.concat(
                    Stream.of(ImageIO.getReaderFileSuffixes()),
                    Stream.of("png", "jpg", "jpeg", "bmp", "gif", "webp")) // named even where there is no reader
            .map(suffix -> suffix.toLowerCase(Locale.ROOT))
            .filter(suffix -> !suffix.isEmpty())
            .collect(Collectors.toUnmodifiableSet());

    private static final long MOST_BYTES = 256L << 20;
    private static final long MOST_PIXELS = 100_000_000;

    private ImageDecoder() {}

    /** Whether a file of this name should be an image. */
    static boolean isImage(String name) {
        return SUFFIXES.contains(suffix(name));
    }

    private static String suffix(String name) {
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** Width and height of what {@link #decode} will give, from the file's first bytes. */
    static Dimension size(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(Orientation.ENOUGH);
        }
        Dimension size = size(file, head);
        boolean turns = Orientation.in(head).swapsSides();
        return turns ? new Dimension(/* width= */ size.height, /* height= */ size.width) : size;
    }

    private static Dimension size(Path file, byte[] head) throws IOException {
        if (head.length < Orientation.ENOUGH) {
            try (ImageInputStream whole = new MemoryCacheImageInputStream(new ByteArrayInputStream(head))) {
                return with(file, whole, ImageDecoder::size);
            }
        }
        try (ImageInputStream whole = new FileImageInputStream(file.toFile())) {
            return with(file, whole, ImageDecoder::size);
        }
    }

    private static Dimension size(ImageReader reader) throws IOException {
        return new Dimension(reader.getWidth(0), reader.getHeight(0));
    }

    /** The file's bytes. */
    static byte[] bytes(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MOST_BYTES) {
            throw new IOException(file + ": has " + size + " bytes; expected an image of at most " + MOST_BYTES);
        }
        return Files.readAllBytes(file);
    }

    /**
     * Decodes the first image in {@code bytes}, upright if it says how it was held.
     *
     * @param file to name in messages
     * @throws IOException if it is damaged, cut off or of a kind that cannot be read
     */
    static BufferedImage decode(Path file, byte[] bytes) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            return Orientation.in(bytes).upright(with(file, in, ImageDecoder::decode));
        }
    }

    /** Some readers only warn where a file ends too early, and leave the rest of the image gray. */
    private static BufferedImage decode(ImageReader reader) throws IOException {
        EarlyEnd end = new EarlyEnd();
        reader.addIIOReadWarningListener(end);
        BufferedImage image = reader.read(0);
        if (end.seen.isPresent()) {
            throw new IOException(end.seen.get());
        }
        return image;
    }

    private interface Work<T> {
        T with(ImageReader reader) throws IOException;
    }

    private static <T> T with(Path file, ImageInputStream in, Work<T> work) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new IOException(file + ": is not an image of a kind that can be read here; expected one of "
                    + Stream.of(ImageIO.getReaderFormatNames())
                            .map(name -> name.toLowerCase(Locale.ROOT))
                            .distinct()
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }
        ImageReader reader = readers.next();
        try {
            reader.setInput(in, true, true);
            Dimension size = size(reader);
            if ((long) size.width * size.height > MOST_PIXELS) {
                throw new IOException(
                        "has " + size.width + "x" + size.height + " pixels; expected at most " + MOST_PIXELS);
            }
            return work.with(reader);
        } catch (IOException | RuntimeException e) { // readers throw all kinds on damaged files
            throw new IOException(
                    file + ": cannot be read as an image: " + reason(e)
                            + "; expected a whole file; replace or remove it",
                    e);
        } finally {
            reader.dispose();
        }
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
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
}
