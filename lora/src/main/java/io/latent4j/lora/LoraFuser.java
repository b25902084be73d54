package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.nn.Projection;
import io.latent4j.core.nn.Weight;
import io.latent4j.core.ops.ParameterOps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adapters put into the weights of a model until this is closed, which costs nothing while it runs. Every run of the model
 * then has them. The weights that are replaced are kept, and {@link #close} puts the same bits back.
 *
 * <p>No other thread may run the model while it is fused or closed. What is fused and then applied as well acts twice.
 */
public final class LoraFuser implements AutoCloseable {
    private final Map<Weight, List<NDArray>> replaced = new LinkedHashMap<>();

    private LoraFuser() {}

    /** Adds the changes of {@code uses}, each of the model's own weights, and rounded to what weights are stored in. */
    @SuppressWarnings("try")
    public static LoraFuser fuse(List<LoraUse> uses) {
        LoraFuser fuser = new LoraFuser();
        try (Closer leases = leases(uses)) {
            changes(uses).forEach(fuser::replace);
            return fuser;
        } catch (RuntimeException | Error e) {
            fuser.close();
            throw e;
        }
    }

    /** Keeps all of the adapters open until it is closed. */
    @FunctionalInterface
    interface Closer extends AutoCloseable {
        @Override
        void close();
    }

    /** @throws IllegalStateException if an adapter is closed */
    static Closer leases(List<LoraUse> uses) {
        List<Leases.Lease> leases = new ArrayList<>();
        Closer all = () -> leases.forEach(Leases.Lease::close);
        try {
            uses.forEach(use -> leases.add(use.lora().lease()));
            return all;
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
    }

    /** A layer's adapter at its strength. */
    record Change(BoundLayer layer, double strength) {}

    static Map<Projection, List<Change>> changes(List<LoraUse> uses) {
        Map<Projection, List<Change>> changes = new LinkedHashMap<>();
        for (LoraUse use : uses) {
            for (LoraPart part : LoraPart.values()) {
                for (BoundLayer layer : use.lora().layers(part)) {
                    double strength = use.strength(part, layer.layer().name());
                    if (strength != 0) {
                        changes.computeIfAbsent(layer.projection(), projection -> new ArrayList<>())
                                .add(new Change(layer, strength));
                    }
                }
            }
        }
        return changes;
    }

    @SuppressWarnings("try")
    private void replace(Projection projection, List<Change> changes) {
        Weight weight = projection.weight();
        try (NDScope scope = new NDScope()) {
            NDArray fused = weight.numbers();
            for (Change change : changes) {
                fused = fused.add(change.layer().change(change.strength()));
            }
            List<NDArray> kept =
                    weight.stored().stream().map(NDArray::duplicate).toList();
            kept.forEach(NDScope::unregister);
            replaced.put(weight, kept);
            weight.replace(fused);
        }
    }

    /** Puts the weights back that were there before. */
    @Override
    public void close() {
        replaced.forEach((weight, kept) -> {
            ParameterOps.copy(weight.stored(), kept);
            kept.forEach(NDArray::close);
        });
        replaced.clear();
    }
}
