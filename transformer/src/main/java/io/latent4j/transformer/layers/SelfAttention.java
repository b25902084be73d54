package io.latent4j.transformer.layers;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TransformerOps;
import java.util.Optional;

/** Attention of tokens to each other, with normalized heads and rotated pairs where a model has them. */
public final class SelfAttention extends NamedBlock {
    private final long heads;
    private final Qkv qkv;
    private final Optional<Linear> toOut;

    private SelfAttention(HeadShape shape, boolean withOutput) {
        heads = shape.heads();
        qkv = inline(Qkv.own(shape));
        toOut = withOutput
                ? Optional.of(child("to_out.0", new Linear(shape.inner(), shape.width(), shape.withBias())))
                : Optional.empty();
    }

    /** With a projection of the result: {@code to_out.0}. */
    public SelfAttention(HeadShape shape) {
        this(shape, true);
    }

    /** Whose result others project. */
    public static SelfAttention withoutOutput(HeadShape shape) {
        return new SelfAttention(shape, false);
    }

    /**
     * Attends: (N, tokens, width) → (N, tokens, width), or (N, tokens, heads · headDim) without a projection.
     *
     * @param table the tokens' rotations, as {@link RotaryEmbedding#table}; empty for none
     */
    public NDArray forward(Pass pass, NDArray x, Optional<NDArray> table) {
        return scoped(() -> {
            NDArray attended = scoped(() -> Ops.attention(
                    rotated(table, qkv.q(pass, x)), rotated(table, qkv.k(pass, x)), qkv.v(pass, x), heads));
            return toOut.map(out -> out.forward(pass, attended)).orElse(attended);
        });
    }

    static NDArray rotated(Optional<NDArray> table, NDArray x) {
        return table.map(turns -> TransformerOps.rotatedPairs(x, turns)).orElse(x);
    }
}
