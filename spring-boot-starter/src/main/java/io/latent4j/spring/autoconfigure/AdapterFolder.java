package io.latent4j.spring.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The adapters in a folder. */
final class AdapterFolder {
    private static final Pattern FILE = Pattern.compile("(.+)\\.(safetensors|bin|pt|pth|ckpt)");

    private AdapterFolder() {}

    /**
     * The files by name without the ending; of two of one name the one whose ending is {@code safetensors}, or else the first.
     *
     * @throws IOException if there is no such folder
     */
    static Map<String, Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    folder.toAbsolutePath() + ": there is no such folder; expected the one that adapters are in");
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        Map<String, Path> adapters = new TreeMap<>();
        for (Path file : files) {
            Matcher name = FILE.matcher(file.getFileName().toString());
            if (name.matches()) {
                adapters.merge(name.group(1), file, (one, other) -> isSafe(other) && !isSafe(one) ? other : one);
            }
        }
        return adapters;
    }

    private static boolean isSafe(Path file) {
        return file.toString().endsWith(".safetensors");
    }
}
