package io.latent4j.transformer.layers;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.RmsNorm;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TransformerOps;

/**
 * Attention and a gated feed-forward layer side by side, of one projection in and one out (<a
 * href="https://arxiv.org/abs/2302.05442">Dehghani et al. 2023</a>, section 2).
 */
public final class ParallelAttention extends NamedBlock {
    private final HeadShape shape;
    private final Linear projection;
    private final RmsNorm normQ;
    private final RmsNorm normK;
    private final Linear toOut;

    /** @param hidden channels within the feed-forward layer */
    public ParallelAttention(HeadShape shape, long hidden) {
        this.shape = shape;
        long inner = shape.inner();
        projection = child("to_qkv_mlp_proj", new Linear(shape.width(), 3 * inner + 2 * hidden, shape.withBias()));
        normQ = child("norm_q", new RmsNorm(shape.headDim(), shape.normEpsilon().orElseThrow()));
        normK = child("norm_k", new RmsNorm(shape.headDim(), shape.normEpsilon().orElseThrow()));
        toOut = child("to_out", new Linear(inner + hidden, shape.width(), shape.withBias()));
    }

    /**
     * Applies the layer within the caller's scope: (N, tokens, width) → same.
     *
     * @param table the tokens' rotations, as {@link RotaryEmbedding#table}
     */
    public NDArray forward(Pass pass, NDArray x, NDArray table) {
        long inner = shape.inner();
        NDArray both = scoped(() -> {
            NDList parts = projection.forward(pass, x).split(new long[] {inner, 2 * inner, 3 * inner}, 2);
            NDArray attended = scoped(() -> Ops.attention(
                    rotated(pass, normQ, parts.get(0), table),
                    rotated(pass, normK, parts.get(1), table),
                    parts.get(2),
                    shape.heads()));
            return attended.concat(Ops.swiglu(parts.get(3)), 2);
        });
        return toOut.forward(pass, both);
    }

    private NDArray rotated(Pass pass, RmsNorm norm, NDArray x, NDArray table) {
        return TransformerOps.rotatedPairs(Qkv.heads(pass, norm, x, shape.headDim()), table);
    }
}
