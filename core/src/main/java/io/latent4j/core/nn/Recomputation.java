package io.latent4j.core.nn;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.latent4j.core.memory.Scopes;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Gradients in less memory: the stages of a network keep their inputs and outputs only, and are computed anew when their
 * gradient is due (<a href="https://arxiv.org/abs/1604.06174">Chen et al. 2016</a>). A step then takes about a third
 * longer, and holds one stage's intermediate arrays instead of all. Stages of small arrays, which often compute as much as
 * those of large ones, can be spared that: their intermediate arrays are kept, up to a limit.
 *
 * <p>One forward pass and its {@link #backward}, on one thread; gradients must be being recorded. Closing it closes what
 * it kept.
 */
public final class Recomputation implements AutoCloseable {
    private static final long SMALL = 1 << 20; // numbers that enter a stage whose arrays are kept

    private final List<Stage> stages = new ArrayList<>();
    private final IdentityHashMap<NDArray, NDArray> cuts = new IdentityHashMap<>();
    private final List<NDArray> kept = new ArrayList<>();
    private long room;

    /** All stages are computed anew. */
    public Recomputation() {
        this(0);
    }

    /**
     * Keeps what the gradients of the first small stages need.
     *
     * @param room how many numbers may enter these stages, all together; each stands for some 140 bytes
     */
    public Recomputation(long room) {
        this.room = room;
    }

    /** Where a value enters a stage: the recorded value, and the stand-in that the stage sees. */
    private record Cut(NDArray value, NDArray standIn) {}

    /**
     * What was run.
     *
     * @param output whose gradient is that of the result
     * @param recorded the result with what its gradient needs; empty where that is computed anew
     */
    private record Stage(
            Function<List<NDArray>, NDArray> body,
            List<NDArray> inputs,
            List<Cut> made,
            NDArray output,
            Optional<NDArray> recorded) {}

    /** Runs {@code body}, without recording unless it is small, and keeps what it takes to run it again. */
    NDArray run(Function<List<NDArray>, NDArray> body, List<NDArray> values) {
        List<Cut> made = new ArrayList<>();
        List<NDArray> inputs = new ArrayList<>();
        for (NDArray value : values) {
            NDArray standIn = cuts.get(value);
            if (standIn == null) {
                standIn = keep(leaf(value));
                cuts.put(value, standIn);
                made.add(new Cut(keep(alias(value)), standIn));
            }
            inputs.add(standIn);
        }
        Supplier<NDArray> stage = () -> Scopes.scoped(() -> body.apply(inputs));
        Optional<NDArray> recorded = isSpared(inputs) ? Optional.of(keep(alias(stage.get()))) : Optional.empty();
        NDArray output = keep(leaf(recorded.orElseGet(() -> withoutRecording(stage))));
        stages.add(new Stage(body, inputs, made, output, recorded));
        return alias(output); // whose gradient the output gathers
    }

    private boolean isSpared(List<NDArray> inputs) {
        long size = inputs.get(0).size();
        if (size > SMALL || size > room) {
            return false;
        }
        room -= size;
        return true;
    }

    private static NDArray withoutRecording(Supplier<NDArray> body) {
        JniUtils.setGradMode(false);
        try {
            return body.get();
        } finally {
            JniUtils.setGradMode(true);
        }
    }

    private static NDArray leaf(NDArray value) {
        NDArray leaf = value.stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    /** The same array once more, to be closed on its own; its gradient goes to {@code value}. */
    private static NDArray alias(NDArray value) {
        return value.reshape(value.getShape());
    }

    private NDArray keep(NDArray array) {
        NDScope.unregister(array);
        kept.add(array);
        return array;
    }

    /**
     * Adds the gradients of {@code loss}, a scalar, to those of all parameters, latest stage first.
     *
     * @throws IllegalStateException if this was called before
     */
    @SuppressWarnings("try")
    public void backward(NDArray loss) {
        try (NDScope scope = new NDScope()) {
            backward(loss, loss.onesLike());
            for (int i = stages.size() - 1; i >= 0; i--) {
                backward(stages.get(i));
            }
        }
    }

    @SuppressWarnings("try")
    private static void backward(Stage stage) {
        try (NDScope scope = new NDScope()) {
            backward(stage.recorded.orElseGet(() -> stage.body.apply(stage.inputs)), stage.output.getGradient());
            stage.recorded.ifPresent(NDArray::close); // and all that it kept
            // Later stages that took the same values have been here before: their gradients are all in.
            for (Cut cut : stage.made) {
                backward(cut.value, cut.standIn.getGradient());
            }
        }
    }

    /** DJL cannot tell whether a value is recorded: libtorch says so when it is asked for the gradient of one that is not. */
    private static void backward(NDArray value, NDArray gradient) {
        try {
            JniUtils.backward((PtNDArray) value, (PtNDArray) gradient, true, false);
        } catch (EngineException e) {
            if (!String.valueOf(e.getMessage()).contains("does not require grad")) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        kept.forEach(NDArray::close);
    }
}
