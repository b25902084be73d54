package io.latent4j.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What this process holds, as Linux reports it. Tests compare it before and after what is closed, cancelled or interrupted.
 *
 * @param files open ones, sockets and pipes too
 * @param bytes in memory beyond Java's heap, whatever the heap has taken or is about to give back
 */
public record ProcessResources(long files, long bytes) {
    private static final Path SELF = Path.of("/proc/self");
    private static final long KIB = 1024;
    /** A part of the heap as the collectors of the JVM print theirs: {@code [from, to)}, or with the end of what is used between. */
    private static final Pattern HEAP =
            Pattern.compile("\\[0x(\\p{XDigit}+), (?:0x\\p{XDigit}+, )?0x(\\p{XDigit}+)\\)");

    private static final Pattern MAPPING = Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) .*");
    private static final Pattern RESIDENT = Pattern.compile("Rss: *(\\d+) kB");

    /** Those of now, once freed memory was given back; empty on other systems. */
    public static Optional<ProcessResources> now() throws IOException {
        if (!Files.isDirectory(SELF.resolve("fd"))) {
            return Optional.empty();
        }
        System.gc(); // also frees the buffers outside the heap of what is not used any more
        NativeHeap.trim();
        try (Stream<Path> files = Files.list(SELF.resolve("fd"))) {
            return Optional.of(new ProcessResources(files.count(), beyondHeap()));
        }
    }

    /** Bytes in memory of every mapping but those of Java's heap, which the JVM gives back at a time of its own. */
    private static long beyondHeap() throws IOException {
        List<MatchResult> heap = HEAP.matcher(heapInfo()).results().toList();
        assertThat(heap).as("addresses of the heap").isNotEmpty();
        long from = heap.stream().mapToLong(part -> address(part, 1)).min().orElseThrow();
        long to = heap.stream().mapToLong(part -> address(part, 2)).max().orElseThrow();
        long sum = 0;
        boolean counts = true;
        for (String line : Files.readAllLines(SELF.resolve("smaps"))) {
            Matcher mapping = MAPPING.matcher(line);
            Matcher resident = RESIDENT.matcher(line);
            if (mapping.matches()) {
                counts = address(mapping, 1) < from || address(mapping, 1) >= to;
            } else if (counts && resident.matches()) {
                sum += Long.parseLong(resident.group(1)) * KIB;
            }
        }
        return sum;
    }

    private static long address(MatchResult match, int group) {
        return Long.parseUnsignedLong(match.group(group), 16); // the last mapping is above those of signed numbers
    }

    private static String heapInfo() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcHeapInfo",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new IllegalStateException("this JVM does not tell where its heap is", e);
        }
    }

    /** Fails if there are more by now than these and what is allowed beyond. */
    public void assertGrewBy(long mostFiles, long mostBytes) throws IOException {
        ProcessResources now = now().orElseThrow();
        assertThat(now.files).as("open files").isLessThanOrEqualTo(files + mostFiles);
        assertThat(now.bytes).as("bytes beyond the heap").isLessThanOrEqualTo(bytes + mostBytes);
    }
}
