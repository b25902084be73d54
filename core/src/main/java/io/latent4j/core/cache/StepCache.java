package io.latent4j.core.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * What evaluations of a denoiser leave for later ones of the same run, in the ways that are in use. It belongs to one run of
 * one network at one size, and one thread; a {@link io.latent4j.core.nn.Pass} carries it to where something is reused.
 * Closing it frees its arrays.
 */
public final class StepCache implements AutoCloseable {
    /** Nothing is kept, and nothing reused. */
    public static final StepCache NONE =
            new StepCache(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    private final Optional<DeepCache> deep;
    private final Optional<TGate> gate;
    private final Optional<FirstBlockCache> firstBlock;
    private final Optional<NDManager> manager;

    private StepCache(
            Optional<DeepCache> deep,
            Optional<TGate> gate,
            Optional<FirstBlockCache> firstBlock,
            Optional<NDManager> manager) {
        this.deep = deep;
        this.gate = gate;
        this.firstBlock = firstBlock;
        this.manager = manager;
    }

    /** A cache of no kind yet, whose arrays are made below {@code parent}. */
    public static StepCache below(NDManager parent) {
        return new StepCache(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(parent.newSubManager()));
    }

    /** This with DeepCache: see there for the interval, 2 or more, and the branch, from 0. */
    public StepCache withDeep(int interval, int branch) {
        return new StepCache(
                Optional.of(new DeepCache(interval, branch, manager.orElseThrow())), gate, firstBlock, manager);
    }

    /** This with T-GATE after {@code steps} steps, 1 or more. */
    public StepCache withGate(int steps) {
        return new StepCache(deep, Optional.of(new TGate(steps, manager.orElseThrow())), firstBlock, manager);
    }

    /** This with a first-block cache of this threshold, above 0. */
    public StepCache withFirstBlock(double threshold) {
        return new StepCache(deep, gate, Optional.of(new FirstBlockCache(threshold, manager.orElseThrow())), manager);
    }

    /** Whole levels of a U. */
    public Optional<DeepCache> deep() {
        return deep;
    }

    /** Cross-attention. */
    public Optional<TGate> gate() {
        return gate;
    }

    /** Blocks of a transformer. */
    public Optional<FirstBlockCache> firstBlock() {
        return firstBlock;
    }

    /** Whether a step lies behind the gate, and so is not guided. */
    public boolean gated(int step) {
        return gate.isPresent() && gate.get().closed(step);
    }

    /** Tells what the next evaluation is; what is kept of the gate needs all layers to be computed before it. */
    public void begin(Evaluation at) {
        boolean whole = gate.isPresent() && gate.get().closesAfter(at.step());
        deep.ifPresent(cache -> cache.begin(at, whole));
        gate.ifPresent(cache -> cache.begin(at));
        firstBlock.ifPresent(cache -> cache.begin(at, whole));
    }

    /** {@link DeepCache#skips()} of the evaluation; empty without DeepCache. */
    public OptionalInt skips() {
        return deep.isPresent() ? deep.get().skips() : OptionalInt.empty();
    }

    /** {@link DeepCache#offer}, if there is one. */
    public void offer(int skip, NDArray h) {
        deep.ifPresent(cache -> cache.offer(skip, h));
    }

    /** The image's tokens after the last block: what {@code rest} makes of them, but for rows that the first-block cache spares. */
    public NDArray afterFirst(NDArray x, NDArray first, long words, FirstBlockCache.Rest rest) {
        if (firstBlock.isPresent()) {
            return firstBlock.get().apply(x, first, words, rest);
        }
        x.close();
        return rest.forward(first, rows -> rows);
    }

    /** {@link TGate#attend}, or what {@code attention} computes. */
    public NDArray attend(Object layer, NDArray x, Supplier<NDArray> attention) {
        return gate.isPresent() ? gate.get().attend(layer, x, attention) : attention.get();
    }

    @Override
    public void close() {
        manager.ifPresent(NDManager::close);
    }
}
