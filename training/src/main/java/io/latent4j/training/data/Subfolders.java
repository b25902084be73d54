package io.latent4j.training.data;

import io.latent4j.core.config.Shown;
import io.latent4j.core.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Images in the subfolders of a folder, which are not read with it. */
final class Subfolders {
    private static final Pattern REPEATS = Pattern.compile("(\\d{1,4})_.+"); // as kohya's trainer names them
    private static final int MOST = 1000;

    private Subfolders() {}

    /** Returns what to say of them; empty if no subfolder has images. */
    static Optional<String> warning(Path folder) throws IOException {
        List<String> found = new ArrayList<>();
        Optional<String> example = Optional.empty();
        for (Path each : in(folder)) {
            long count = images(each);
            if (count > 0) {
                String name = each.getFileName().toString();
                found.add(name + " (" + count + ")");
                Matcher repeats = REPEATS.matcher(name);
                String entry = "{folder: " + each + (repeats.matches() ? ", repeats: " + repeats.group(1) : "") + "}";
                example = example.isPresent() ? example : Optional.of(entry);
            }
        }
        return example.map(entry -> folder + ": images in its subfolders are ignored: " + Shown.names(found)
                + "; name each of them under data.folders, as in " + entry);
    }

    private static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .filter(each -> !each.getFileName().toString().startsWith("."))
                    .sorted()
                    .limit(MOST)
                    .toList();
        }
    }

    private static long images(Path folder) throws IOException {
        if (!Files.isReadable(folder)) {
            return 0;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(
                            each -> ImageDecoder.isImage(each.getFileName().toString()))
                    .count();
        }
    }
}
