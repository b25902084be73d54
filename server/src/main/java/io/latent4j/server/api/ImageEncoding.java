package io.latent4j.server.api;

import io.latent4j.core.image.Images;
import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * How an image is sent.
 *
 * @param format its kind of file
 * @param quality of a JPEG or WebP, 0 to 100: the higher, the larger; without effect in a PNG
 */
public record ImageEncoding(Format format, int quality) {
    /** As it is kept, with its parameters. */
    public static final ImageEncoding PNG = new ImageEncoding(Format.PNG, 100);

    private static final String PARAMETERS = "parameters";
    private static final int MOST = 100;

    /** A kind of file. */
    public enum Format {
        PNG,
        JPEG,
        WEBP;

        /** Its name, {@code png} for instance. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The names of all. */
        public static List<String> words() {
            return Stream.of(values()).map(Format::word).toList();
        }

        /** The one of this name. */
        public static Format of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    public ImageEncoding {
        Objects.requireNonNull(format, "format");
        if (quality < 0 || quality > MOST) {
            throw new IllegalArgumentException("quality is " + quality + "; expected 0 to " + MOST);
        }
    }

    /** The type of the content, {@code image/png} for instance. */
    public String type() {
        return "image/" + format.word();
    }

    /** A PNG file in this form, with the parameters text that it has. */
    public byte[] of(byte[] png) {
        if (format == Format.PNG) {
            return png;
        }
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            String text = PngFile.readText(png).getOrDefault(PARAMETERS, "");
            byte[] bytes = of(image);
            if (text.isEmpty()) {
                return bytes;
            }
            return format == Format.JPEG
                    ? ExifComment.inJpeg(bytes, text)
                    : ExifComment.inWebp(bytes, text, image.getWidth(), image.getHeight());
        } catch (IOException e) {
            throw new UncheckedIOException("an image cannot be read", e);
        }
    }

    /** An image in this form. */
    public byte[] of(BufferedImage image) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format.word()).next();
        try (ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            if (format != Format.PNG) {
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionType(format == Format.WEBP ? "Lossy" : param.getCompressionTypes()[0]);
                param.setCompressionQuality((float) quality / MOST);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(Images.opaque(image), null, null), param);
            out.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("an image cannot be written", e);
        } catch (LinkageError e) { // the library of WebP is not there for every system
            throw ApiException.invalid(
                    "format", format.word() + " cannot be written on the server's system; expected png or jpeg");
        } finally {
            writer.dispose();
        }
    }
}
