package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.ParameterOps;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.pipeline.files.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * The weights of some blocks of a model: in memory always, or only while there are users. The first reads them from the
 * model's files and the last frees them; users at the same time share them.
 */
public final class PartWeights {
    /** What may read them once more; empty where they stay. */
    private final Optional<Reader> reader;

    private int users;
    private NDManager manager;
    private long asLoaded; // their version

    /**
     * A block, and where its weights are.
     *
     * @param part what the files call it
     * @param names today's name of a stored one
     */
    public record Stored(NamedBlock block, String part, Precision precision, Function<String, Optional<String>> names) {

        void check(ModelFiles files) throws IOException {
            try (Checkpoint weights = files.weights(part)) {
                block.check(weights, names);
            }
        }

        void load(ModelFiles files, NDManager manager) throws IOException {
            try (Checkpoint weights = files.weights(part)) {
                block.load(weights, manager, precision, names);
            }
        }
    }

    private record Reader(List<Stored> blocks, ModelFiles files, NDManager manager) {}

    private PartWeights(Optional<Reader> reader) {
        this.reader = reader;
    }

    /** Of blocks that are loaded and stay so. */
    public static PartWeights loaded() {
        return new PartWeights(Optional.empty());
    }

    /**
     * Of blocks that are loaded now, or, where they are to be offloaded, checked.
     *
     * @param manager owns the weights, or what they are made below
     */
    public static PartWeights of(List<Stored> blocks, ModelFiles files, NDManager manager, boolean offload)
            throws IOException {
        for (Stored block : blocks) {
            if (offload) {
                block.check(files);
            } else {
                block.load(files, manager);
            }
        }
        return offload ? new PartWeights(Optional.of(new Reader(List.copyOf(blocks), files, manager))) : loaded();
    }

    /** Whether they are in memory only while they are used. */
    public boolean offloaded() {
        return reader.isPresent();
    }

    /** Sees to it that the weights are in memory until the result is closed. */
    public WeightLease use() {
        reader.ifPresent(this::enter);
        return new WeightLease() {
            private boolean open = true;

            @Override
            public void close() {
                if (open) {
                    open = false;
                    reader.ifPresent(PartWeights.this::leave);
                }
            }
        };
    }

    /** Whether they are in memory and were changed there since they were read, by fusing for instance. */
    public synchronized boolean changed() {
        return users > 0 && reader.filter(from -> version(from) != asLoaded).isPresent();
    }

    private static long version(Reader from) {
        return ParameterOps.version(from.blocks().stream()
                .flatMap(stored -> stored.block().arrays().stream())
                .toList());
    }

    private synchronized void enter(Reader from) {
        if (users == 0) {
            manager = from.manager().newSubManager();
            try (NDScope scope = new NDScope()) { // so that the weights are of no scope of the first user's
                scope.suppressNotUsedWarning();
                for (Stored stored : from.blocks()) {
                    stored.load(from.files(), manager);
                    stored.block().arrays().forEach(NDScope::unregister);
                }
                asLoaded = version(from);
            } catch (ClosedByInterruptException e) {
                free(from);
                throw (CancellationException) new CancellationException("generation was cancelled").initCause(e);
            } catch (IOException e) {
                free(from);
                throw new UncheckedIOException(e.getMessage(), e);
            } catch (RuntimeException | Error e) {
                free(from);
                throw e;
            }
        }
        users++;
    }

    private synchronized void leave(Reader from) {
        users--;
        if (users == 0) {
            free(from);
        }
    }

    private void free(Reader from) {
        from.blocks().forEach(stored -> stored.block().unload());
        manager.close();
        NativeHeap.trim();
    }
}
