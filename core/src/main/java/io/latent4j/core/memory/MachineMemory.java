package io.latent4j.core.memory;

import com.google.common.base.Splitter;
import com.google.common.primitives.Longs;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What memory the machine has left, and this process has. All in bytes; what the system does not report is empty. */
public final class MachineMemory {
    private static final Splitter WORDS = Splitter.onPattern("\\s+");
    private static final long KIB = 1024;

    private final Path system;
    private final Path process;
    private final Path group;

    private MachineMemory(Path system, Path process, Path group) {
        this.system = system;
        this.process = process;
        this.group = group;
    }

    /** This machine's and process's. */
    public static MachineMemory here() {
        return new MachineMemory(Path.of("/proc"), Path.of("/proc/self"), Path.of("/sys/fs/cgroup"));
    }

    /** As the files of these folders report: {@code meminfo}; {@code status} and {@code clear_refs}; {@code memory.max}. */
    public static MachineMemory of(Path system, Path process, Path group) {
        return new MachineMemory(system, process, group);
    }

    /** What new arrays may take: without swapping on Linux and within the container's limit, elsewhere what is unused. */
    public long free() {
        long unused = kib(system.resolve("meminfo"), "MemAvailable:")
                .orElseGet(() -> ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getFreeMemorySize());
        Optional<Long> limit = number(group.resolve("memory.max"));
        Optional<Long> used = number(group.resolve("memory.current"));
        if (limit.isEmpty() || used.isEmpty()) {
            return unused;
        }
        long files = value(group.resolve("memory.stat"), "inactive_file ").orElse(0L); // which the system drops
        return Math.min(unused, limit.get() - used.get() + Math.min(files, used.get()));
    }

    /** What there is, within the container's limit. */
    public long total() {
        long all = kib(system.resolve("meminfo"), "MemTotal:")
                .orElseGet(() -> ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getTotalMemorySize());
        return number(group.resolve("memory.max"))
                .map(limit -> Math.min(all, limit))
                .orElse(all);
    }

    /** What the system can move to disk to make room, where it counts: not within a container's limit. */
    public long swap() {
        return number(group.resolve("memory.max")).isPresent()
                ? 0
                : kib(system.resolve("meminfo"), "SwapFree:").orElse(0L);
    }

    /** What this process has in memory now. */
    public Optional<Long> resident() {
        return kib(process.resolve("status"), "VmRSS:");
    }

    /**
     * The most that {@code work} has in memory at a time beyond what there is before it; empty where the system does not
     * report. What was freed before is given back first, so that it is not used again unseen.
     */
    public Optional<Long> peak(Runnable work) {
        NativeHeap.trim();
        boolean reset = forgetPeak();
        Optional<Long> before = resident();
        work.run();
        Optional<Long> after = kib(process.resolve("status"), "VmHWM:");
        return reset && before.isPresent() ? after.map(most -> Math.max(0, most - before.get())) : Optional.empty();
    }

    /** Linux counts the peak anew when 5 is written here. */
    private boolean forgetPeak() {
        Path file = process.resolve("clear_refs");
        try {
            if (Files.isWritable(file)) {
                Files.writeString(file, "5");
                return true;
            }
        } catch (IOException e) {
            // a container may refuse
        }
        return false;
    }

    private static Optional<Long> kib(Path file, String name) {
        return value(file, name).map(count -> count * KIB);
    }

    /** The number after {@code name} at the beginning of a line. */
    private static Optional<Long> value(Path file, String name) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> Longs.tryParse(WORDS.splitToList(line).get(1)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<Long> number(Path file) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(Longs.tryParse(Files.readString(file).strip())); // "max" where there is no limit
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
