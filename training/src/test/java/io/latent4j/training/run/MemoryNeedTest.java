package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.core.memory.MachineMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryNeedTest {
    private static final long GIB = 1L << 30;
    private static final MemoryNeed.Savings ALL = new MemoryNeed.Savings(true, true);

    @TempDir
    private Path folder;

    @BeforeEach
    void makeAMachine() throws IOException {
        Files.writeString(folder.resolve("meminfo"), "MemTotal: 99999999 kB\nMemAvailable:   20971520 kB\n");
        Files.writeString(folder.resolve("status"), "VmHWM:\t 3145728 kB\nVmRSS:\t 2097152 kB\n");
    }

    private MachineMemory machine() {
        return MachineMemory.of(folder, folder, folder);
    }

    @Test
    void knowsWhatIsFreeOnTheMachineAndInTheContainer() throws IOException {
        assertThat(machine().free()).isEqualTo(20 * GIB);
        Files.writeString(folder.resolve("memory.max"), "max\n");
        Files.writeString(folder.resolve("memory.current"), "" + 3 * GIB);
        assertThat(machine().free()).isEqualTo(20 * GIB);
        Files.writeString(folder.resolve("memory.max"), 5 * GIB + "\n");
        assertThat(machine().free()).isEqualTo(2 * GIB);
    }

    @Test
    void tellsThePeakWhereTheSystemCountsItAnew() throws IOException {
        assertThat(machine().peak(() -> {})).isEmpty();
        Files.writeString(folder.resolve("clear_refs"), "");
        assertThat(machine().peak(() -> {})).contains(GIB);
        assertThat(folder.resolve("clear_refs")).hasContent("5");
    }

    @Test
    void seesABlockOfMemoryOnThisMachine() {
        Optional<Long> peak = MachineMemory.here().peak(() -> {
            byte[] block = new byte[64 << 20];
            for (int i = 0; i < block.length; i += 1024) {
                block[i] = 1;
            }
        });
        peak.ifPresent(bytes -> assertThat(bytes).isLessThan(GIB)); // the heap may have had the block already
        assertThat(MachineMemory.here().free()).isPositive();
    }

    @Test
    void growsWithTheBatch() {
        List<Integer> tried = new ArrayList<>();
        MemoryNeed need = MemoryNeed.measure(machine(), 16, images -> {
                    tried.add(images);
                    return Optional.of(GIB / 2 + images * GIB / 8);
                })
                .orElseThrow();
        assertThat(tried).containsExactly(1, 1, 2);
        assertThat(need).isEqualTo(new MemoryNeed(2 * GIB, 20 * GIB, GIB / 2, GIB / 8, 16));
        assertThat(need.check(ALL)).isEqualTo("memory: about 4.5 GB of 22 GB");
    }

    @Test
    void refusesWhatWillNotFit() {
        assertThatThrownBy(() -> new MemoryNeed(GIB, 10 * GIB, GIB, GIB, 16).check(ALL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a step with 16 images a batch takes about 17 GB of memory, and 10 GB are free; lower"
                        + " training.batch to 9 or less, with training.accumulate to make up for it, or set"
                        + " training.recompute to true, or leave out training.ema");
        assertThatThrownBy(() -> new MemoryNeed(GIB, GIB, GIB, GIB, 1).check(ALL))
                .hasMessageContaining("not even one image fits: lower data.size");
        assertThatThrownBy(() -> MemoryNeed.checkState(2 * GIB, GIB, true, 15 * GIB))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "take 16 GB, and 15 GB are free; leave out training.ema, set training.optimizer to adafactor, or");
        MemoryNeed.checkState(2 * GIB, GIB, false, 15 * GIB);
        MemoryNeed.checkState(GIB / 1000, GIB, true, 15 * GIB);
    }

    @Test
    void advisesNothingThatIsDoneAlready() {
        assertThatThrownBy(() -> new MemoryNeed(GIB, GIB, GIB, GIB, 1).check(new MemoryNeed.Savings(false, false)))
                .hasMessage(
                        "a step with 1 image a batch takes about 2.0 GB of memory, and 1.0 GB are free; not even one"
                                + " image fits: lower data.size");
    }

    @Test
    void saysNothingWhereTheSystemDoesNot() {
        assertThat(MemoryNeed.measure(machine(), 16, images -> Optional.empty()))
                .isEmpty();
    }
}
