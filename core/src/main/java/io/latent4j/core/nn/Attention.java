package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * Multi-head attention (<a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017</a>) of tokens (B, N, channels) to
 * a context (B, M, context). The (N, M) matrix of weights never exists as a whole.
 */
public final class Attention extends NamedBlock {
    private final long heads;
    private final Linear toQ;
    private final Linear toK;
    private final Linear toV;
    private final Linear toOut;

    /**
     * Attention whose heads share the token's channels.
     *
     * @param channels of a token, and of all heads together
     * @param context channels of what is attended to
     * @param withBias whether the query, key and value projections have one; the output projection always has
     */
    public Attention(long channels, long context, long heads, boolean withBias) {
        this.heads = heads;
        toQ = child("to_q", new Linear(channels, channels, withBias));
        toK = child("to_k", new Linear(context, channels, withBias));
        toV = child("to_v", new Linear(context, channels, withBias));
        toOut = child("to_out.0", new Linear(channels, channels));
    }

    /** Attends from {@code x}, (B, N, channels), to {@code context}, (B, M, context): (B, N, channels). */
    public NDArray forward(Pass pass, NDArray x, NDArray context) {
        NDArray attended =
                Ops.attention(toQ.forward(pass, x), toK.forward(pass, context), toV.forward(pass, context), heads);
        return toOut.forward(pass, attended);
    }
}
