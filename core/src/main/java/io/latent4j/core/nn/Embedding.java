package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import io.latent4j.core.ops.Ops;

/** A table of vectors: whole numbers (…) → (…, width). */
public final class Embedding extends NamedBlock implements Layer {
    private final long entries;
    private final Weight weight;

    public Embedding(long entries, long width) {
        this.entries = entries;
        weight = weight("weight", entries, width);
    }

    /** Looks rows up; {@code ids} is of type int64 and every id is below the number of entries. */
    @Override
    public NDArray forward(Pass pass, NDArray ids) {
        return weight.rows(
                pass,
                ids,
                table -> ai.djl.nn.core.Embedding.embedding(ids, table, SparseFormat.DENSE)
                        .singletonOrThrow());
    }

    /** The same with more rows, (count, width), for the ids from the number of entries on. */
    public NDArray forward(Pass pass, NDArray ids, NDArray more) {
        return Ops.rowsFrom(entries, ids, forward(pass, Ops.atMost(ids, entries - 1)), more);
    }

    /** The first {@code count} rows, (count, width). */
    public NDArray first(Pass pass, long count, NDArray like) {
        return weight.rows(pass, like, table -> table.get(":" + count));
    }

    /** The whole table in float32, (entries, width), as {@link Weight#numbers}. */
    public NDArray table() {
        return weight.numbers();
    }
}
