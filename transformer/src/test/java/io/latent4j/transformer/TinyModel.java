package io.latent4j.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Projection;
import io.latent4j.core.nn.Recomputation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What holds of every transformer.
 *
 * @param forward a pass over inputs that are always the same
 */
public record TinyModel(NamedBlock block, Forward forward, NDManager manager) {

    /** A pass through the network. */
    @FunctionalInterface
    public interface Forward {

        /** What the network makes of the inputs. */
        NDArray forward(Pass pass);
    }

    /**
     * Checks all that holds of every transformer.
     *
     * @param idle parameters that change nothing
     */
    public void check(String... idle) {
        adaptersReachEveryLinearLayer();
        leavesNoArraysBehind();
        gradientsAreTheSameComputedAnew(Set.of(idle));
    }

    /** Checks that every parameter has a gradient, the same whether stages are computed anew or not. */
    public void checkGradients() {
        gradientsAreTheSameComputedAnew(Set.of());
    }

    /** Every linear layer runs once, and an adapter sees it. */
    private void adaptersReachEveryLinearLayer() {
        Set<String> names = new TreeSet<>();
        List<Projection> seen = new ArrayList<>();
        block.visit((name, each) -> {
            if (each instanceof Linear) {
                names.add(name);
            }
        });
        forward.forward(Pass.inference().withAdapters(List.of((layer, x, y) -> {
            seen.add(layer);
            return y;
        })));
        Set<String> reached = new TreeSet<>();
        block.visit((name, each) -> {
            if (each instanceof Linear
                    && seen.stream().filter(one -> one == each).count() == 1) {
                reached.add(name);
            }
        });
        assertThat(names).isNotEmpty();
        assertThat(reached).isEqualTo(names);
    }

    /** A pass leaves its result and nothing else. */
    private void leavesNoArraysBehind() {
        forward.forward(Pass.inference()).close();
        int before = manager.getManagedArrays().size();
        forward.forward(Pass.inference()).close();
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    /** Every parameter that is not idle has a gradient, the same whether stages are computed anew or not. */
    private void gradientsAreTheSameComputedAnew(Set<String> idle) {
        List<float[]> recorded = gradients(Optional.empty());
        List<float[]> anew = gradients(Optional.of(new Recomputation()));
        List<String> keys = List.copyOf(block.shapes().keySet());
        for (int i = 0; i < keys.size(); i++) {
            float largest = largest(recorded.get(i));
            if (!keys.get(i).endsWith("to_k.bias")) { // which may move all scores of a query alike
                assertThat(largest > 0).as(keys.get(i)).isEqualTo(!idle.contains(keys.get(i)));
            }
            assertThat(anew.get(i)).as(keys.get(i)).containsExactly(recorded.get(i), within(1e-5f + 1e-4f * largest));
        }
    }

    private static float largest(float[] numbers) {
        float largest = 0;
        for (float number : numbers) {
            largest = Math.max(largest, Math.abs(number));
        }
        return largest;
    }

    @SuppressWarnings("try")
    private List<float[]> gradients(Optional<Recomputation> recomputation) {
        List<NDArray> parameters = block.arrays();
        parameters.forEach(each -> each.setRequiresGradient(true));
        try (NDScope scope = new NDScope();
                GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            collector.zeroGradients();
            NDArray y = forward.forward(
                    recomputation.map(Pass.inference()::recomputing).orElse(Pass.inference()));
            NDArray loss = y.square().mean();
            if (recomputation.isPresent()) {
                recomputation.get().backward(loss);
            } else {
                collector.backward(loss);
            }
            return parameters.stream()
                    .map(each -> each.getGradient().toFloatArray())
                    .toList();
        } finally {
            recomputation.ifPresent(Recomputation::close);
            parameters.forEach(each -> each.setRequiresGradient(false));
        }
    }
}
