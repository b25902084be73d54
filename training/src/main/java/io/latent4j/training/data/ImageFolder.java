package io.latent4j.training.data;

import com.google.common.collect.ImmutableList;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.image.ImageDecoder;
import java.awt.Dimension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A folder of images with captions: in {@code metadata.jsonl} (a line {@code {"file_name": …, "text": …}} for each; text
 * may be a list), else in {@code metadata.csv} (columns {@code file_name} and {@code text}), else in text files beside the
 * images, {@code name.txt} for {@code name.png}, of which each line that is not blank is a caption. Images without a
 * line in a metadata file are not part of the set, and neither are images in subfolders: {@link #ignored}. Nothing outside the folder is read, whatever the files say.
 *
 * <p>Opening reads captions and the first bytes of every image. What cannot be used is left out and listed by {@link
 * #skipped()}, or ends the opening, as the caller chooses. An image that is damaged further on is found out when it is
 * loaded.
 */
public final class ImageFolder implements CaptionedImages {
    static final String LINES = "metadata.jsonl";
    static final String TABLE = "metadata.csv";
    private static final int MOST_SKIPPED = 100_000;

    private final Path folder;
    private final ImmutableList<ImageFile> images;
    private final ImmutableList<String> skipped;
    private final Optional<String> ignored;

    private ImageFolder(Path folder, List<ImageFile> images, List<String> skipped, Optional<String> ignored) {
        this.folder = folder;
        this.ignored = ignored;
        this.images = ImmutableList.copyOf(images);
        this.skipped = ImmutableList.copyOf(skipped);
    }

    /** An image that should be there, before anything is known of it. */
    record Claim(String source, String fileName, List<String> captions) {}

    /** Where the captions of a folder are read from. */
    interface Claims {
        /** Passes each claim, and each fault, to {@code listener}. */
        void read(Listener listener) throws IOException;
    }

    /** Receives what a folder's files claim. */
    interface Listener {
        void claim(Claim claim) throws IOException;

        void fault(String message) throws IOException;
    }

    /** Opens a folder and leaves out what cannot be used. */
    public static ImageFolder open(Path folder) throws IOException {
        return open(folder, Faults.SKIP);
    }

    /**
     * Opens a folder.
     *
     * @throws IOException if there is no such folder or nothing in it can be used; with {@link Faults#STOP} also on the
     *     first image that cannot
     */
    public static ImageFolder open(Path folder, Faults faults) throws IOException {
        requireFolder(folder);
        return open(folder, faults, claims(folder));
    }

    /** Opens a folder of images of which the same is said, whatever it says itself. */
    public static ImageFolder open(Path folder, Faults faults, String caption) throws IOException {
        requireFolder(folder);
        return open(folder, faults, new OneCaption(folder, caption));
    }

    /**
     * Checks that there is such a folder; opens nothing.
     *
     * @throws IOException if there is none
     */
    public static void requireFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + ": is not a folder; expected one with images and captions");
        }
    }

    private static ImageFolder open(Path folder, Faults faults, Claims claims) throws IOException {
        Opening opening = new Opening(folder, folder.toRealPath(), faults);
        claims.read(opening);
        Optional<String> ignored = claims instanceof MetadataLines || claims instanceof MetadataTable
                ? Optional.empty()
                : Subfolders.warning(folder);
        if (opening.images.isEmpty()) {
            throw new IOException(folder + ": has no image with a caption; expected images and " + LINES + ", "
                    + TABLE
                    + " or a text file beside each"
                    + (opening.skipped.isEmpty() ? "" : "; the first that was left out: " + opening.skipped.get(0))
                    + ignored.map(warning -> ". " + warning).orElse(""));
        }
        return new ImageFolder(folder, opening.images, opening.skipped, ignored);
    }

    private static Claims claims(Path folder) {
        if (Files.exists(folder.resolve(LINES))) {
            return new MetadataLines(folder.resolve(LINES));
        }
        if (Files.exists(folder.resolve(TABLE))) {
            return new MetadataTable(folder.resolve(TABLE));
        }
        return new CaptionFiles(folder);
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public CaptionedImage example(int index) {
        return images.get(index);
    }

    /** What to say of images in subfolders, which are not part of the set; empty where there are none. */
    public Optional<String> ignored() {
        return ignored;
    }

    /** What was left out on opening and why, one message each. */
    public List<String> skipped() {
        return skipped;
    }

    @Override
    public String toString() {
        return folder + " (" + Counted.of(images.size(), "image") + ")";
    }

    /** Keeps the claims that hold. */
    private static final class Opening implements Listener {
        private final Path folder;
        private final Path real;
        private final Faults faults;
        private final List<ImageFile> images = new ArrayList<>();
        private final List<String> skipped = new ArrayList<>();

        Opening(Path folder, Path real, Faults faults) {
            this.folder = folder;
            this.real = real;
            this.faults = faults;
        }

        @Override
        public void claim(Claim claim) throws IOException {
            List<String> captions = claim.captions().stream()
                    .map(String::strip)
                    .filter(c -> !c.isEmpty())
                    .toList();
            if (captions.isEmpty()) {
                fault(claim.source() + ": the caption of " + Shown.text(claim.fileName())
                        + " is empty; expected some words");
                return;
            }
            try {
                Path file = inside(claim);
                Dimension size = ImageDecoder.size(file);
                images.add(new ImageFile(file, captions, size.width, size.height));
            } catch (IOException e) {
                fault(e.getMessage());
            }
        }

        /** The file, which is in the folder even when links are followed. */
        private Path inside(Claim claim) throws IOException {
            Path file;
            try {
                file = folder.resolve(claim.fileName());
            } catch (InvalidPathException e) {
                throw new IOException(
                        claim.source() + ": file_name \"" + Shown.text(claim.fileName()) + "\": " + e.getReason(), e);
            }
            boolean stays =
                    !Path.of(claim.fileName()).isAbsolute() && file.normalize().startsWith(folder.normalize());
            if (stays && !Files.isRegularFile(file)) {
                throw new IOException(claim.source() + ": there is no file " + Shown.text(file.toString()));
            }
            if (!stays || !file.toRealPath().startsWith(real)) {
                throw new IOException(claim.source() + ": file_name \"" + Shown.text(claim.fileName())
                        + "\" leads out of the folder; expected a file in " + folder);
            }
            return file;
        }

        @Override
        public void fault(String message) throws IOException {
            if (faults == Faults.STOP) {
                throw new IOException(message);
            }
            if (skipped.size() == MOST_SKIPPED) {
                throw new IOException(folder + ": more than " + MOST_SKIPPED
                        + " images cannot be used; expected images and their captions; the first that was left out: "
                        + skipped.get(0));
            }
            skipped.add(message);
        }
    }
}
