package io.latent4j.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** Has the system write to disk what it still holds in memory, so that a power cut does not take it. */
final class Synced {
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

    /** Forces the names in a folder: that something was moved there. Windows does that by itself. */
    static void entries(Path folder) throws IOException {
        if (POSIX) {
            force(folder);
        }
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, POSIX ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
