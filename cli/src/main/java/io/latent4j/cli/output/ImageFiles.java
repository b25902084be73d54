package io.latent4j.cli.output;

import io.latent4j.core.image.PngFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where images go.
 *
 * @param folder that they are written to
 * @param makesFolder whether the folder is made if it is not there
 * @param name of the file without {@code .png}; empty for names from seeds, which never replace a file
 * @param count how many images there will be
 */
public record ImageFiles(Path folder, boolean makesFolder, String name, int count) {
    private static final String PNG = ".png";

    /**
     * What {@code --output} means: an existing folder, a folder to be made if it ends with a slash, else a file.
     *
     * @param output as the user wrote it; empty for the current folder
     * @throws IllegalArgumentException if it is neither a folder nor the name of a PNG file
     * @throws IOException if nothing can be written there
     */
    public static ImageFiles of(String output, int count) throws IOException {
        Path path = path(output);
        ImageFiles files;
        if (output.endsWith("/") || output.endsWith("\\") || Files.isDirectory(path)) {
            files = new ImageFiles(path, true, "", count);
        } else if (output.toLowerCase(Locale.ROOT).endsWith(PNG)) {
            String name = path.getFileName().toString();
            Path folder = path.getParent() == null ? Path.of("") : path.getParent();
            files = new ImageFiles(folder, false, name.substring(0, name.length() - PNG.length()), count);
        } else {
            throw new IllegalArgumentException("output is \"" + output + "\"; expected a name that ends with .png, a"
                    + " folder, or a name that ends with / for a folder to be made");
        }
        files.checkWritable();
        return files;
    }

    /**
     * The one file that {@code output} names.
     *
     * @throws IllegalArgumentException if it is not the name of a PNG file
     * @throws IOException if it cannot be written there
     */
    public static Path single(String output) throws IOException {
        ImageFiles files = of(output, 1);
        if (files.name.isEmpty()) {
            throw new IllegalArgumentException(
                    "output is the folder \"" + output + "\"; expected a name that ends with .png");
        }
        return files.named(0);
    }

    private static Path path(String output) {
        try {
            return Path.of(output);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("output is \"" + output + "\": " + e.getReason(), e);
        }
    }

    private void checkWritable() throws IOException {
        Path there = folder.toAbsolutePath();
        while (makesFolder && Files.notExists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            throw new IOException(there + ": is not a folder; expected one to write images to");
        }
        if (!Files.isWritable(there)) {
            throw new IOException(there + ": is not writable; expected a folder to write images to");
        }
    }

    /**
     * Writes one image. A name from a seed never replaces a file, also where several programs write at a time.
     *
     * @param index of the image, from 0
     * @param text of the PNG file, by keyword
     * @return the file
     */
    Path write(int index, long seed, BufferedImage image, Map<String, String> text) throws IOException {
        makeFolder();
        if (!name.isEmpty()) {
            PngFile.write(named(index), image, text);
            return named(index);
        }
        String unsigned = Long.toUnsignedString(seed);
        Path file = folder.resolve("latent4j-" + unsigned + PNG);
        for (int i = 2; !creates(file, image, text); i++) {
            file = folder.resolve("latent4j-" + unsigned + "-" + i + PNG);
        }
        return file;
    }

    /** Writes a file unless there is one of its name, another program's too. */
    private static boolean creates(Path file, BufferedImage image, Map<String, String> text) throws IOException {
        if (Files.exists(file)) {
            return false;
        }
        try {
            PngFile.create(file, image, text);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false; // another program was faster
        }
    }

    private Path named(int index) {
        return folder.resolve(count == 1 ? name + PNG : name + "-" + (index + 1) + PNG);
    }

    private void makeFolder() throws IOException {
        if (makesFolder) {
            Files.createDirectories(folder.toAbsolutePath());
        }
    }

    /**
     * Where steps are shown, beside the images; its folder is there afterwards.
     *
     * @param shown whether they are; what a killed process left there is deleted whether or not
     */
    public Optional<Path> preview(boolean shown) throws IOException {
        Path file = preview();
        PreviewFile.deleteLeftOver(file);
        if (shown) {
            makeFolder();
        }
        return Optional.of(file).filter(path -> shown);
    }

    private Path preview() {
        return folder.resolve((name.isEmpty() ? "latent4j" : name) + ".preview" + PNG);
    }
}
