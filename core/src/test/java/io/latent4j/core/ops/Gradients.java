package io.latent4j.core.ops;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.GradientCollector;
import java.util.function.UnaryOperator;

/** Gradients of operators. */
final class Gradients {
    private Gradients() {}

    /** The gradient of the sum of squares of what {@code function} makes of {@code x}, which is not zero everywhere. */
    static NDArray gradient(NDArray x, UnaryOperator<NDArray> function) {
        x.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray y = function.apply(x);
            collector.backward(y.square().sum());
        }
        NDArray gradient = x.getGradient().duplicate();
        assertThat(Ops.cast(gradient.abs().sum(), DataType.FLOAT32).getFloat()).isGreaterThan(0);
        return gradient;
    }
}
