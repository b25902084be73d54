package io.latent4j.server.a1111;

import io.latent4j.core.image.Images;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** How images are answered: always in Base64, as the option {@code samples_format} says. */
enum ImageFormat {
    /** As it is kept, with its parameters. */
    PNG,
    /** Smaller, and without parameters. */
    JPEG;

    private static final float PERCENT = 100;

    /** By the word that clients have for it. */
    static Optional<ImageFormat> of(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "png" -> Optional.of(PNG);
            case "jpg", "jpeg" -> Optional.of(JPEG);
            default -> Optional.empty();
        };
    }

    /** What clients call it. */
    String word() {
        return this == PNG ? "png" : "jpg";
    }

    /**
     * A finished image in this form.
     *
     * @param quality of JPEG, 1 to 100
     */
    String base64(byte[] png, int quality) {
        try {
            return Base64.getEncoder()
                    .encodeToString(this == PNG ? png : jpeg(ImageIO.read(new ByteArrayInputStream(png)), quality));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a stream in memory
        }
    }

    private static byte[] jpeg(BufferedImage image, int quality) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam how = writer.getDefaultWriteParam();
            how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            how.setCompressionQuality(quality / PERCENT);
            writer.setOutput(out);
            writer.write(null, new IIOImage(Images.opaque(image), null, null), how);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
