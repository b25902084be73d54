package io.latent4j.training.run;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.latent4j.core.files.Draft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Files and folders that a killed process was writing: hidden ones beside what they were to become. */
public final class Leftovers {
    private static final Pattern DRAFT = Pattern.compile("\\.(?!latent4j-).+\\.draft|\\d+\\.(txt|png)\\.draft");
    private static final Pattern REPLACED = Pattern.compile("\\.(.+)\\.old");

    private Leftovers() {}

    /** Removes those of a run, in which no other process works. */
    static void remove(Path run) throws IOException {
        removeIn(run);
        removeIn(run.resolve("samples"));
        removeIn(run.resolve("checkpoints"));
    }

    /** Removes those in one folder, if it exists; what was being replaced is put back. */
    public static void removeIn(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Draft.deleteDead(folder);
        List<Path> all;
        try (Stream<Path> entries = Files.list(folder)) {
            all = entries.toList();
        }
        for (Path each : all) {
            String name = each.getFileName().toString();
            Matcher replaced = REPLACED.matcher(name);
            if (replaced.matches() && Files.notExists(folder.resolve(replaced.group(1)))) {
                Files.move(each, folder.resolve(replaced.group(1)), StandardCopyOption.ATOMIC_MOVE);
            } else if (replaced.matches() || DRAFT.matcher(name).matches()) {
                MoreFiles.deleteRecursively(each, RecursiveDeleteOption.ALLOW_INSECURE);
            }
        }
    }
}
