package io.latent4j.training.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** Has the system write to disk what it still holds in memory, so that a power cut does not take it. */
public final class Synced {
    private static final boolean POSIX = !System.getProperty("os.name").startsWith("Windows");

    private Synced() {}

    /** Forces a folder, and all files and folders in it, before it is moved to where it counts. */
    static void tree(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.toList();
        }
        for (Path each : all) {
            if (Files.isDirectory(each)) {
                entries(each);
            } else if (POSIX || Files.isWritable(each)) {
                force(each);
            }
        }
    }

    /**
     * Forces the names in a folder: that something was moved there. Windows does that by itself, and some file systems cannot:
     * what is there is whole all the same, so that is no error.
     */
    static void entries(Path folder) {
        if (POSIX) {
            try {
                force(folder);
            } catch (IOException e) {
                // nothing more can be done for it
            }
        }
    }

    /** Forces a file, and then moves it to where it counts, over what was there. */
    public static void move(Path draft, Path file) throws IOException {
        force(draft);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        entries(file.toAbsolutePath().getParent());
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, POSIX ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
