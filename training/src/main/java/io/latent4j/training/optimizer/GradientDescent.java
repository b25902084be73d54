package io.latent4j.training.optimizer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Recomputation;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.ParameterOps;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Steps that make a loss smaller: gradients of one or more batches added up, clipped, and an {@link Optimizer}. */
public final class GradientDescent {
    private static final long ROOM = 12 << 20; // of small stages' inputs: half the work of SD 1.5 at 512x512
    private static final double NOT_ZERO = 1e-6; // as the reference implementation's clipping has it

    private final Parameters parameters;
    private final Optimizer optimizer;
    private final Optional<Double> clip;

    /**
     * A descent that has not begun. No scope may be open.
     *
     * @param clip the largest norm of all gradients together; empty to leave them
     */
    public GradientDescent(Parameters parameters, Optimizer.Settings optimizer, Optional<Double> clip) {
        this.parameters = parameters;
        this.optimizer = optimizer.begin(parameters);
        this.clip = clip;
    }

    /**
     * Adds the gradient of {@code share} times a loss. The arrays of the loss are the caller's scope's.
     *
     * @param recompute whether stages are computed anew for their gradient, to need less memory
     * @param loss answers it from the pass to run the networks with
     */
    public Objective.Loss add(boolean recompute, double share, Function<Pass, Objective.Loss> loss) {
        return add(recompute, MixedPrecision.FLOAT32, share, loss);
    }

    /** {@link #add(boolean, double, Function)} with a pass in this precision. */
    @SuppressWarnings("try")
    public Objective.Loss add(
            boolean recompute, MixedPrecision precision, double share, Function<Pass, Objective.Loss> loss) {
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector();
                Recomputation recomputation = new Recomputation(ROOM)) {
            Pass pass = recompute ? Pass.inference().recomputing(recomputation) : Pass.inference();
            Objective.Loss made = loss.apply(precision.of(pass));
            recomputation.backward(Ops.mul(made.total(), share));
            return made;
        }
    }

    /** The norm of all gradients together, before they are clipped. */
    public double norm() {
        return ParameterOps.norm(parameters.gradients());
    }

    /** Multiplies every gradient. */
    public void scale(double factor) {
        ParameterOps.scale(parameters.gradients(), factor);
    }

    /** Forgets the gradients, and moves nothing. */
    public void skip() {
        parameters.clearGradients();
    }

    /** Moves the parameters and forgets the gradients. */
    public void step(double rate) {
        if (clip.isPresent()) {
            double norm = norm();
            if (norm > clip.get()) {
                ParameterOps.scale(parameters.gradients(), clip.get() / (norm + NOT_ZERO));
            }
        }
        optimizer.step(rate);
        parameters.clearGradients();
    }

    /** Lets gradients pass through the parameters without reaching them, or reach them again. */
    public void freeze(boolean frozen) {
        parameters.values().forEach(value -> value.setRequiresGradient(!frozen));
    }

    /** What it remembers, by name, to be stored and to be written into. */
    public Map<String, NDArray> state() {
        return optimizer.state();
    }
}
