package io.latent4j.core.image;

import static com.google.common.base.Preconditions.checkArgument;

import io.latent4j.core.files.Draft;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.regex.Pattern;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Images as PNG files with texts in them, by keyword: a {@code tEXt} chunk where Latin-1 can say it and else an
 * {@code iTXt} chunk, which is what other tools write and read.
 */
public final class PngFile {
    private static final String TREE = "javax_imageio_png_1.0";
    private static final Pattern KEYWORD = Pattern.compile("(?! )[ -~]{1,79}(?<! )");

    private PngFile() {}

    /**
     * Writes an image. The file appears whole or not at all: it is written beside its place under another name and moved
     * there, over a file that was there before.
     *
     * @param text by keyword, such as {@code parameters}; may be empty
     * @throws IllegalArgumentException if a keyword is not 1 to 79 printable ASCII characters, or a text has a NUL
     * @throws IOException if writing fails; a file that was there before is as it was
     */
    public static void write(Path file, BufferedImage image, Map<String, String> text) throws IOException {
        write(file, image, text, Draft::replace);
    }

    /**
     * Writes an image to a file that is not there yet; of several programs that create one file at a time, one succeeds. The
     * file appears whole or not at all.
     *
     * @param text by keyword, as for {@link #write(Path, BufferedImage, Map)}
     * @throws FileAlreadyExistsException if the file exists; it is as it was
     * @throws IOException if writing fails
     */
    public static void create(Path file, BufferedImage image, Map<String, String> text) throws IOException {
        write(file, image, text, Draft::create);
    }

    /**
     * Writes an image to a stream, which stays open.
     *
     * @param text by keyword, as for {@link #write(Path, BufferedImage, Map)}
     */
    public static void write(OutputStream out, BufferedImage image, Map<String, String> text) throws IOException {
        text.forEach(PngFile::check);
        encode(out, image, text);
    }

    /**
     * The bytes of a PNG file.
     *
     * @param text by keyword, as for {@link #write(Path, BufferedImage, Map)}
     */
    public static byte[] bytes(BufferedImage image, Map<String, String> text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(bytes, image, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not of a stream to memory
        }
        return bytes.toByteArray();
    }

    private static void write(Path file, BufferedImage image, Map<String, String> text, Placing placing)
            throws IOException {
        text.forEach(PngFile::check);
        try (Draft draft = Draft.ofFile(file)) {
            draft.fill(path -> encode(path, image, text));
            placing.place(draft);
        }
    }

    /** How a finished file comes to its place. */
    @FunctionalInterface
    private interface Placing {
        void place(Draft draft) throws IOException;
    }

    private static void check(String keyword, String text) {
        checkArgument(
                KEYWORD.matcher(keyword).matches(),
                "the keyword is \"%s\"; expected 1 to 79 printable ASCII characters",
                keyword);
        checkArgument(text.indexOf(0) < 0, "the text of \"%s\" has a NUL character; expected none", keyword);
    }

    private static void encode(Path file, BufferedImage image, Map<String, String> text) throws IOException {
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            encode(out, image, text);
        }
    }

    private static void encode(OutputStream out, BufferedImage image, Map<String, String> text) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        try (ImageOutputStream target = new MemoryCacheImageOutputStream(out)) {
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
            metadata.mergeTree(TREE, tree(text));
            writer.setOutput(target);
            writer.write(new IIOImage(image, null, metadata));
        } finally {
            writer.dispose();
        }
    }

    private static IIOMetadataNode tree(Map<String, String> texts) {
        IIOMetadataNode latin = new IIOMetadataNode("tEXt");
        IIOMetadataNode unicode = new IIOMetadataNode("iTXt");
        texts.forEach((keyword, text) -> {
            if (StandardCharsets.ISO_8859_1.newEncoder().canEncode(text)) {
                latin.appendChild(latin(keyword, text));
            } else {
                unicode.appendChild(unicode(keyword, text));
            }
        });
        IIOMetadataNode root = new IIOMetadataNode(TREE);
        for (IIOMetadataNode kind : new IIOMetadataNode[] {unicode, latin}) {
            if (kind.hasChildNodes()) {
                root.appendChild(kind);
            }
        }
        return root;
    }

    private static IIOMetadataNode latin(String keyword, String text) {
        IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
        entry.setAttribute("keyword", keyword);
        entry.setAttribute("value", text);
        return entry;
    }

    private static IIOMetadataNode unicode(String keyword, String text) {
        IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
        entry.setAttribute("keyword", keyword);
        entry.setAttribute("compressionFlag", "FALSE");
        entry.setAttribute("compressionMethod", "0");
        entry.setAttribute("languageTag", "");
        entry.setAttribute("translatedKeyword", "");
        entry.setAttribute("text", text);
        return entry;
    }

    /**
     * The texts in a PNG file by keyword, in the order of the file, the first where two have the same keyword. Only the
     * chunks that hold them are read, not the image.
     *
     * @throws IOException if the file cannot be read, is not a whole PNG file, or holds more than 16 MB of text
     */
    public static Map<String, String> readText(Path file) throws IOException {
        return PngTexts.read(file);
    }

    /**
     * The same of a PNG file in memory.
     *
     * @throws IOException if it is not a whole PNG file, or holds more than 16 MB of text
     */
    public static Map<String, String> readText(byte[] file) throws IOException {
        return PngTexts.read(file);
    }
}
