package io.latent4j.cli.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

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
        return files.file(0, 0);
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
     * The file of one image; its folder is there afterwards.
     *
     * @param index of the image, from 0
     */
    Path file(int index, long seed) throws IOException {
        if (makesFolder) {
            Files.createDirectories(folder.toAbsolutePath());
        }
        if (!name.isEmpty()) {
            return folder.resolve(count == 1 ? name + PNG : name + "-" + (index + 1) + PNG);
        }
        Path file = folder.resolve("latent4j-" + seed + PNG);
        for (int i = 2; Files.exists(file); i++) {
            file = folder.resolve("latent4j-" + seed + "-" + i + PNG);
        }
        return file;
    }

    /** Where steps are shown, beside the images; its folder is there afterwards. */
    public Path preview() throws IOException {
        if (makesFolder) {
            Files.createDirectories(folder.toAbsolutePath());
        }
        return folder.resolve((name.isEmpty() ? "latent4j" : name) + ".preview" + PNG);
    }
}
