package io.latent4j.training.run;

import io.latent4j.core.config.Counted;
import io.latent4j.core.memory.MachineMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How much memory a run takes: what it has, and what a step takes beyond that.
 *
 * @param resident what the process has before the first step: weights, gradients, moments, average
 * @param free what it may take beyond that
 * @param constant what a step takes whatever the batch
 * @param each what a step takes for each image of a batch
 * @param batch images in one
 */
record MemoryNeed(long resident, long free, long constant, long each, int batch) {
    private static final double GIB = 1 << 30;

    /**
     * Measures.
     *
     * @param batch images in one
     * @param trial the most that a step with so many images takes, in bytes; empty where the system does not report it
     * @return empty where the system does not report it
     */
    static Optional<MemoryNeed> measure(MachineMemory memory, int batch, IntFunction<Optional<Long>> trial) {
        List<Optional<Long>> peaks =
                IntStream.of(1, 1, Math.min(2, batch)).mapToObj(trial).toList();
        Optional<Long> one = peaks.get(1); // the first compiles operators and starts threads
        Optional<Long> two = peaks.get(2);
        Optional<Long> resident = memory.resident();
        if (one.isEmpty() || two.isEmpty() || resident.isEmpty()) {
            return Optional.empty();
        }
        long each = batch == 1 ? one.get() : Math.max(0, two.get() - one.get());
        return Optional.of(new MemoryNeed(resident.get(), memory.free(), Math.max(0, one.get() - each), each, batch));
    }

    /** What a step takes beyond what there is. */
    private long step() {
        return constant + each * batch;
    }

    /**
     * What a run could still do to need less memory.
     *
     * @param recompute whether it could compute stages anew for their gradient
     * @param average whether it could leave out the average of its parameters
     */
    record Savings(boolean recompute, boolean average) {}

    /**
     * Returns what is worth knowing before the first step.
     *
     * @throws IllegalArgumentException if it will not fit, saying what to lower
     */
    String check(Savings savings) {
        if (step() <= free) {
            return "memory: about " + gib(resident + step()) + " of " + gib(resident + free);
        }
        long fitting = each == 0 ? 0 : (free - constant) / each;
        List<String> cures = new ArrayList<>();
        cures.add(
                fitting > 0
                        ? "lower training.batch to " + fitting + " or less, with training.accumulate to make up for it"
                        : "not even one image fits: lower data.size");
        if (savings.recompute) {
            cures.add("set training.recompute to true");
        }
        if (savings.average) {
            cures.add("leave out training.ema");
        }
        throw new IllegalArgumentException("a step with " + Counted.of(batch, "image")
                + " a batch takes about " + gib(step()) + " of memory, and " + gib(free) + " are free; "
                + String.join(", or ", cures));
    }

    /**
     * Checks that what a run remembers of its parameters fits, before it is made.
     *
     * @param optimizer how many numbers the optimizer remembers
     * @param parameters how many numbers change
     * @param average whether their average is kept, and a copy of them while it stands in for them
     * @throws IllegalArgumentException if it will not fit, saying what to leave out
     */
    static void checkState(long optimizer, long parameters, boolean average, long free) {
        long needed = (optimizer + (average ? 2 * parameters : 0)) * Float.BYTES;
        if (needed > free) {
            throw new IllegalArgumentException("the optimizer's memory of " + Counted.of(parameters, "parameter")
                    + (average ? " and their average take " : " takes ") + gib(needed) + ", and " + gib(free)
                    + " are free; "
                    + (average ? "leave out training.ema, " : "")
                    + (optimizer > parameters ? "set training.optimizer to adafactor, " : "")
                    + "or train a smaller model");
        }
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, bytes < 10 * GIB ? "%.1f GB" : "%.0f GB", bytes / GIB);
    }
}
