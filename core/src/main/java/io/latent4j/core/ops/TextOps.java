package io.latent4j.core.ops;

import ai.djl.ndarray.NDArray;

/** Operators of text transformers, all with gradients; their results belong to the first operand's manager. */
public final class TextOps {
    private TextOps() {}

    /**
     * {@code h · gelu(gate)} with the approximation of GELU by tanh (<a
     * href="https://arxiv.org/abs/1606.08415">Hendrycks &amp; Gimpel 2016</a>, section 2), of equal shape.
     */
    public static NDArray geluTanhGated(NDArray gate, NDArray h) {
        return TorchOp.of("gate, h", "return torch.mul_(torch.gelu(gate, approximate=\"tanh\"), h)")
                .call(gate, h);
    }

    /** {@code h · silu(gate)}, of equal shape. */
    public static NDArray siluGated(NDArray gate, NDArray h) {
        return TorchOp.of("gate, h", "return torch.mul(torch.silu(gate), h)").call(gate, h);
    }

    /**
     * Rotary position embedding (<a href="https://arxiv.org/abs/2104.09864">Su et al. 2021</a>, equation 34) of halves:
     * channel i of a head and channel i + d/2 are turned in their plane. Computed in float32.
     *
     * @param x (B, N, heads, d)
     * @param cos of the angles, float32, (N, d / 2)
     * @param sin of the angles, float32, (N, d / 2)
     * @return of the shape and type of {@code x}
     */
    public static NDArray rotateHalves(NDArray x, NDArray cos, NDArray sin) {
        return TorchOp.of("x, cos, sin", """
            cos = torch.unsqueeze(cos, 1)
            sin = torch.unsqueeze(sin, 1)
            a, b = torch.chunk(torch.to(x, 6), 2, -1)
            left = torch.sub(torch.mul(a, cos), torch.mul(b, sin))
            right = torch.add(torch.mul(b, cos), torch.mul(a, sin))
            return torch.type_as(torch.cat([left, right], -1), x)
            """).call(x, cos, sin);
    }

    /** Each head so many times, one after the other: (B, N, heads · d) → (B, N, heads · times · d). */
    public static NDArray repeatHeads(NDArray x, long heads, long times) {
        return TorchOp.of("x", """
            each = torch.unflatten(x, -1, [HEADS, -1])
            return torch.flatten(torch.repeat_interleave(each, TIMES, 2), 2)
            """.replace("HEADS", Long.toString(heads)).replace("TIMES", Long.toString(times)))
                .call(x);
    }

    /**
     * Attention with a bias for each relative position, whose scores are not divided by the root of the head's width
     * (<a href="https://arxiv.org/abs/1910.10683">Raffel et al. 2020</a>, section 2.1). The biases of all pairs of tokens are
     * a view of {@code bias} and take no memory.
     *
     * @param q queries, (B, N, heads · d)
     * @param k keys, (B, M, heads · d), M at most N
     * @param v values, (B, M, heads · d)
     * @param bias for a key's position minus a query's, from 1 − N to N − 1: (heads, 2N − 1)
     * @return (B, N, heads · d)
     */
    public static NDArray relativeAttention(NDArray q, NDArray k, NDArray v, long heads, NDArray bias) {
        return relativeAttention(q, k, v, heads, bias, Ops.MOST_WEIGHTS);
    }

    /**
     * As {@link Ops#attention(NDArray, NDArray, NDArray, long, boolean, long)}. The bias of a query i and a key j is number j −
     * i + N − 1, so with the last query first it moves by one along either axis: a view may not go backwards.
     */
    static NDArray relativeAttention(NDArray q, NDArray k, NDArray v, long heads, NDArray bias, long most) {
        return TorchOp.of("q, k, v, bias", """
            q = torch.transpose(torch.unflatten(torch.flip(q, [1]), -1, [HEADS, -1]), 1, 2)
            k = torch.transpose(torch.unflatten(k, -1, [HEADS, -1]), 1, 2)
            v = torch.transpose(torch.unflatten(v, -1, [HEADS, -1]), 1, 2)
            n = torch.size(q, 2)
            m = torch.size(k, 2)
            table = torch.contiguous(torch.type_as(bias, q))
            pairs = torch.as_strided(table, [1, HEADS, n, m], [0, 2 * n - 1, 1, 1])
            step = n
            if torch._fused_sdp_choice(q, k, v, pairs, 0., False, scale=1.) == 0:
              step = max(MOST // (torch.size(q, 0) * HEADS * m), 1)
            if step >= n:
              y = torch.scaled_dot_product_attention(q, k, v, pairs, 0., False, scale=1.)
            else:
              parts = annotate(List[Tensor], [])
              for i in range((n + step - 1) // step):
                low = i * step
                high = min(low + step, n)
                some = torch.slice(q, 2, low, high)
                mask = torch.slice(pairs, 2, low, high)
                part = torch.scaled_dot_product_attention(some, k, v, mask, 0., False, scale=1.)
                kept = torch.append(parts, part)
              y = torch.cat(parts, 2)
            return torch.flip(torch.flatten(torch.transpose(y, 1, 2), 2), [1])
            """.replace("HEADS", Long.toString(heads))
                        .replace("MOST", Long.toString(most)))
                .call(q, k, v, bias);
    }
}
