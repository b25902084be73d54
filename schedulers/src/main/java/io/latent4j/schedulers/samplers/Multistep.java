package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.Plan;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What multistep methods do with the outputs of earlier steps. */
final class Multistep {
    private Multistep() {}

    /** {@code output} and the outputs of earlier steps, newest first. */
    static List<NDArray> outputs(NDArray output, List<NDArray> earlier) {
        return Stream.concat(Stream.of(output), earlier.stream()).toList();
    }

    /** The first {@code most} of {@code outputs}: what a method of order {@code most + 1} needs of them later. */
    static List<NDArray> newest(List<NDArray> outputs, int most) {
        return outputs.subList(0, Math.min(most, outputs.size()));
    }

    /** How far in λ the levels of step {@code index} and the steps before it are from it: 0, then below 0. */
    static double[] distances(Plan plan, int index, int count) {
        double start = plan.stage(index).from().lambda();
        return IntStream.range(0, count)
                .mapToDouble(i -> plan.stage(index - i).from().lambda() - start)
                .toArray();
    }
}
