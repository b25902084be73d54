package io.latent4j.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this process holds, as Linux reports it. Tests compare it before and after what is closed, cancelled or interrupted.
 *
 * @param files open ones, sockets and pipes too
 * @param resident bytes in memory
 * @param heap bytes that Java's heap has taken, not all of which need be in memory
 */
public record ProcessResources(long files, long resident, long heap) {
    private static final Path SELF = Path.of("/proc/self");
    private static final long KIB = 1024;

    /** Those of now, once freed memory was given back; empty on other systems. */
    public static Optional<ProcessResources> now() throws IOException {
        if (!Files.isDirectory(SELF.resolve("fd"))) {
            return Optional.empty();
        }
        System.gc(); // also frees the buffers outside the heap of what is not used any more
        NativeHeap.trim();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
        try (Stream<Path> files = Files.list(SELF.resolve("fd"));
                Stream<String> lines = Files.lines(SELF.resolve("status"))) {
            long resident = lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                    .sum();
            return Optional.of(new ProcessResources(files.count(), resident, heap));
        }
    }

    /** Fails if there are more by now than these and what is allowed beyond. */
    public void assertGrewBy(long mostFiles, long mostBytes) throws IOException {
        ProcessResources now = now().orElseThrow();
        assertThat(now.files).as("open files").isLessThanOrEqualTo(files + mostFiles);
        long heapGrew = Math.max(0, now.heap - heap); // one that shrank may have given back what was not in memory
        assertThat(now.resident).as("bytes in memory").isLessThanOrEqualTo(resident + heapGrew + mostBytes);
    }
}
