package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The passes of one run through the text encoders, with its adapters, whose arrays are made once. The encoders' weights are
 * loaded for the first pass, and released by {@link #close}. For one thread.
 */
public final class TextPasses implements AutoCloseable {
    private final PartWeights weights;
    private final List<LoraUse> uses;
    private final NDManager adapters;
    private final Map<LoraPart, Pass> passes = new EnumMap<>(LoraPart.class);
    private Optional<WeightLease> lease = Optional.empty();

    /**
     * Passes with these adapters.
     *
     * @param weights of the text encoders
     * @param manager stands above that of the adapters' arrays
     */
    public TextPasses(PartWeights weights, List<LoraUse> uses, NDManager manager) {
        this.weights = weights;
        this.uses = List.copyOf(uses);
        this.adapters = manager.newSubManager();
    }

    /** The run's adapters. */
    public List<LoraUse> uses() {
        return uses;
    }

    /** A pass through a text encoder. */
    public Pass of(LoraPart part) {
        if (lease.isEmpty()) {
            lease = Optional.of(weights.use());
        }
        return passes.computeIfAbsent(part, p -> Pass.inference().withAdapters(LoraUse.adapters(uses, p, adapters)));
    }

    @Override
    public void close() {
        adapters.close();
        lease.ifPresent(WeightLease::close);
    }
}
