package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Parameter;
import io.latent4j.core.ops.Ops;

/** A table of vectors: whole numbers (…) → (…, width). */
public final class Embedding extends NamedBlock implements Layer {
    private final Parameter weight;

    public Embedding(long entries, long width) {
        weight = parameter("weight", Parameter.Type.WEIGHT, entries, width);
    }

    /** Looks rows up; {@code ids} is of type int64 and every id is below the number of entries. */
    @Override
    public NDArray forward(Pass pass, NDArray ids) {
        return ai.djl.nn.core.Embedding.embedding(ids, pass.value(weight, ids), SparseFormat.DENSE)
                .singletonOrThrow();
    }

    /** The same with more rows, (count, width), for the ids from the number of entries on. */
    public NDArray forward(Pass pass, NDArray ids, NDArray more) {
        return Ops.rows(ids, pass.value(weight, ids), more);
    }

    /** The first {@code count} rows, (count, width). */
    public NDArray first(Pass pass, long count, NDArray like) {
        return pass.value(weight, like).get(":" + count);
    }
}
