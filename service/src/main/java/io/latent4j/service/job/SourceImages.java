package io.latent4j.service.job;

import io.latent4j.core.image.ImageDecoder;
import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Images that a caller has in memory, as files that a job can name until this is closed. Their folder is this user's alone. */
public final class SourceImages implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(SourceImages.class);
    private static final int OPAQUE = 255;

    private final List<Path> all = new ArrayList<>(); // the folder, if there is one, and its files

    /**
     * The file of an image.
     *
     * @param image the bytes of a file of any kind that {@link ImageDecoder} reads
     * @throws InvalidJobException if they are no image
     * @throws IOException if there is no folder for temporary files, or no room in it
     */
    public Path image(byte[] image) throws IOException {
        Path file = file(image);
        decoded(file, "the image");
        return file;
    }

    /**
     * The file of a mask, as {@link MaskFile} has it. In a mask that is transparent somewhere, transparent is repainted and
     * opaque kept, whatever its colours are; in any other, white is repainted and black kept.
     *
     * @param mask the bytes of a file of any kind that {@link ImageDecoder} reads
     * @throws InvalidJobException if they are no image
     * @throws IOException if there is no folder for temporary files, or no room in it
     */
    public Path mask(byte[] mask) throws IOException {
        Path file = file(mask);
        BufferedImage decoded = decoded(file, "the mask");
        if (isTransparent(decoded)) {
            PngFile.write(file, holes(decoded), Map.of());
        }
        return file;
    }

    private Path file(byte[] bytes) throws IOException {
        if (all.isEmpty()) {
            all.add(Files.createTempDirectory("latent4j-"));
        }
        Path file = all.get(0).resolve(all.size() + ".image");
        all.add(file);
        return Files.write(file, bytes);
    }

    private static BufferedImage decoded(Path file, String what) {
        try {
            return ImageDecoder.decode(file);
        } catch (IOException e) {
            throw new InvalidJobException(
                    what + " cannot be read: " + String.valueOf(e.getMessage()).replace(file + ": ", ""), e);
        }
    }

    private static boolean isTransparent(BufferedImage image) {
        if (!image.getColorModel().hasAlpha()) {
            return false;
        }
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if (alpha(image, x, y) < OPAQUE) {
                    return true;
                }
            }
        }
        return false;
    }

    /** White where {@code image} is transparent, black where it is opaque. */
    private static BufferedImage holes(BufferedImage image) {
        BufferedImage holes = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                holes.setRGB(x, y, (OPAQUE - alpha(image, x, y)) * 0x010101);
            }
        }
        return holes;
    }

    private static int alpha(BufferedImage image, int x, int y) {
        return image.getRGB(x, y) >>> 24;
    }

    /** Deletes the files. */
    @Override
    public void close() {
        Collections.reverse(all);
        for (Path path : all) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                LOGGER.warn("{} stays: {}", path, e.toString());
            }
        }
        all.clear();
    }
}
