package io.latent4j.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this process holds, as Linux reports it. How much of Java's heap is in memory is not told, so that there are two bounds of
 * what is beyond it, and growth is what no such part explains. Tests compare it before and after what is closed, cancelled or interrupted.
 *
 * @param files open ones, sockets and pipes too
 * @param least bytes in memory beyond Java's heap, if all that the heap has taken is in memory
 * @param most the same, if only what the heap uses is in memory
 */
public record ProcessResources(long files, long least, long most) {
    private static final Path SELF = Path.of("/proc/self");
    private static final long KIB = 1024;

    /** Those of now, once freed memory was given back; empty on other systems. */
    public static Optional<ProcessResources> now() throws IOException {
        if (!Files.isDirectory(SELF.resolve("fd"))) {
            return Optional.empty();
        }
        System.gc(); // also frees the buffers outside the heap of what is not used any more
        NativeHeap.trim();
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        try (Stream<Path> files = Files.list(SELF.resolve("fd"));
                Stream<String> lines = Files.lines(SELF.resolve("status"))) {
            long resident = lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                    .sum();
            return Optional.of(
                    new ProcessResources(files.count(), resident - heap.getCommitted(), resident - heap.getUsed()));
        }
    }

    /** Fails if there are more by now than these and what is allowed beyond. */
    public void assertGrewBy(long mostFiles, long mostBytes) throws IOException {
        ProcessResources now = now().orElseThrow();
        assertThat(now.files).as("open files").isLessThanOrEqualTo(files + mostFiles);
        assertThat(now.least).as("bytes beyond the heap").isLessThanOrEqualTo(most + mostBytes);
    }
}
