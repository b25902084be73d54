package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What multistep methods do with the outputs of earlier steps. */
final class Multistep {
    private static final int FEW_STEPS = 15;

    private Multistep() {}

    /** Whether the whole run is of few steps: then {@code lower_order_final} lets the order fall towards the end. */
    static boolean isShort(Plan plan) {
        return plan.skipped() + plan.steps() < FEW_STEPS;
    }

    /**
     * The order of step {@code index}: at most that of the method, no more than there are outputs yet, and 1 for a step to
     * {@link NoiseLevel#CLEAN}.
     *
     * @param falls whether it falls by 1 a step towards the last, which is of first order
     */
    static int orderAt(Plan plan, int index, int order, boolean falls) {
        int most = plan.stage(index).to().sigma() == 0 ? 1 : order;
        return Math.min(index + 1, falls ? Math.min(plan.steps() - index, most) : most);
    }

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
