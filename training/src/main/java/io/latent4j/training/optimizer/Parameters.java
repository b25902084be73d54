package io.latent4j.training.optimizer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.ops.ParameterOps;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The parameters that a run changes, each with its gradient. The arrays are the blocks' own; the gradients belong to the
 * arrays' manager.
 */
public final class Parameters {
    private final ImmutableMap<String, NDArray> arrays;
    private final List<Double> rates;
    private final List<NDArray> gradients;

    private Parameters(ImmutableMap<String, NDArray> arrays, ToDoubleFunction<String> rate) {
        this.arrays = arrays;
        this.rates = arrays.keySet().stream().map(rate::applyAsDouble).toList();
        arrays.values().forEach(array -> array.setRequiresGradient(true));
        giveGradients();
        this.gradients = arrays.values().stream().map(NDArray::getGradient).toList();
        ParameterOps.zero(gradients);
    }

    /**
     * All parameters of {@code blocks}, which have their arrays, in float32. No {@link NDScope} may be open.
     *
     * @param blocks by the name to put before their keys: {@code unet} for {@code unet.conv_in.weight}
     */
    public static Parameters of(Map<String, ? extends NamedBlock> blocks) {
        ImmutableMap.Builder<String, NDArray> arrays = ImmutableMap.builder();
        blocks.forEach((prefix, block) -> block.getParameters()
                .forEach(entry -> arrays.put(
                        prefix + "." + entry.getKey(), entry.getValue().getArray())));
        return new Parameters(arrays.buildOrThrow(), name -> 1);
    }

    /** These arrays, in float32, all of one manager. No {@link NDScope} may be open. */
    public static Parameters ofArrays(Map<String, NDArray> arrays) {
        return ofArrays(arrays, name -> 1);
    }

    /**
     * These arrays, in float32, all of one manager, each learning at a rate of its own. No {@link NDScope} may be open.
     *
     * @param rate by what the run's learning rate is multiplied, of an array's name
     */
    public static Parameters ofArrays(Map<String, NDArray> arrays, ToDoubleFunction<String> rate) {
        return new Parameters(ImmutableMap.copyOf(arrays), rate);
    }

    /** Lets libtorch make each gradient, also of parameters that no loss will ever reach. */
    @SuppressWarnings("try")
    private void giveGradients() {
        try (NDScope scope = new NDScope();
                GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            arrays.values().forEach(array -> collector.backward(array.sum()));
        }
    }

    /** By name, in the blocks' order. */
    public Map<String, NDArray> arrays() {
        return arrays;
    }

    /** The parameters themselves, in the order of {@link #gradients}. */
    public List<NDArray> values() {
        return arrays.values().asList();
    }

    /** By what the learning rate is multiplied, in the order of {@link #values}. */
    List<Double> rates() {
        return rates;
    }

    /** What {@code backward} added up since {@link #clearGradients}. */
    public List<NDArray> gradients() {
        return gradients;
    }

    /** Sets every gradient to 0. */
    public void clearGradients() {
        ParameterOps.zero(gradients);
    }

    /** Owns the arrays. */
    public NDManager manager() {
        return values().get(0).getManager();
    }

    /** How many numbers there are. */
    public long count() {
        return values().stream().mapToLong(NDArray::size).sum();
    }
}
