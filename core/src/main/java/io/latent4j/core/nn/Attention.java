package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
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

    /** Attention whose heads share the token's channels, which {@code heads} divides. */
    public Attention(long channels, long context, long heads, boolean withBias) {
        this(channels, context, heads, channels / heads, withBias);
    }

    /**
     * Attention with heads of any width.
     *
     * @param channels of a token; those of all heads together may differ
     * @param context channels of what is attended to
     * @param headChannels of one head
     * @param withBias whether the query, key and value projections have one; the output projection always has
     */
    public Attention(long channels, long context, long heads, long headChannels, boolean withBias) {
        long inner = heads * headChannels;
        this.heads = heads;
        toQ = child("to_q", new Linear(channels, inner, withBias));
        toK = child("to_k", new Linear(context, inner, withBias));
        toV = child("to_v", new Linear(context, inner, withBias));
        toOut = child("to_out.0", new Linear(inner, channels));
    }

    /** Attends from {@code x}, (B, N, channels), to {@code context}, (B, M, context): (B, N, channels). */
    public NDArray forward(Pass pass, NDArray x, NDArray context) {
        NDArray values = toV.forward(pass, context);
        long samples = x.getShape().get(0);
        long attending = pass.attending(this, samples);
        if (attending == samples) {
            return toOut.forward(pass, attended(pass, x, context, values));
        }
        NDList own = values.split(new long[] {attending});
        NDArray attended = attended(pass, first(x, attending), first(context, attending), own.get(0));
        return toOut.forward(pass, attended.concat(own.get(1), 0));
    }

    /**
     * The same with something added to the scores, as {@link Ops#attention(NDArray, NDArray, NDArray, long, NDArray)}; no
     * {@link Perturbation} concerns it.
     */
    public NDArray forward(Pass pass, NDArray x, NDArray context, NDArray added) {
        NDArray values = toV.forward(pass, context);
        return toOut.forward(
                pass, Ops.attention(toQ.forward(pass, x), toK.forward(pass, context), values, heads, added));
    }

    private NDArray attended(Pass pass, NDArray x, NDArray context, NDArray values) {
        return Ops.attention(toQ.forward(pass, x), toK.forward(pass, context), values, heads);
    }

    private static NDArray first(NDArray x, long samples) {
        return x.split(new long[] {samples}).get(0);
    }
}
