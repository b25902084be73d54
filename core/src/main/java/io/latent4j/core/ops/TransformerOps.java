package io.latent4j.core.ops;

import ai.djl.ndarray.NDArray;

/** Operators of diffusion transformers, all with gradients; their results belong to the first operand's manager. */
public final class TransformerOps {
    private TransformerOps() {}

    /**
     * Adaptive layer normalization (<a href="https://arxiv.org/abs/2212.09748">Peebles &amp; Xie 2022</a>, section 3.2),
     * whose scale and shift are computed and not learned: {@code norm(x) · (1 + scale) + shift} over the last axis.
     *
     * @param x tokens, (N, tokens, C)
     * @param shift (N or 1, C)
     * @param scale (N or 1, C)
     * @param epsilon added to the variance
     */
    public static NDArray modulatedNorm(NDArray x, NDArray shift, NDArray scale, double epsilon) {
        return TorchOp.of("x, shift, scale", """
            h = torch.layer_norm(x, [torch.size(x, -1)], None, None, EPSILON)
            scale = torch.add(torch.unsqueeze(scale, 1), 1)
            return torch.addcmul(torch.unsqueeze(shift, 1), h, scale)
            """.replace("EPSILON", Double.toString(epsilon)))
                .call(x, shift, scale);
    }

    /**
     * A residual branch behind a gate: {@code x + gate · h}. What leaves the range of float16 is brought back to its ends,
     * which published models exceed in a few tokens and are not the worse for.
     *
     * @param x tokens, (N, tokens, C)
     * @param gate (N or 1, C)
     * @param h tokens, (N, tokens, C)
     */
    public static NDArray gatedSum(NDArray x, NDArray gate, NDArray h) {
        return TorchOp.of("x, gate, h", """
            y = torch.addcmul(x, torch.unsqueeze(gate, 1), h)
            if y.dtype == 5:
              y = torch.clamp(y, -65504, 65504)
            return y
            """).call(x, gate, h);
    }

    /**
     * Rotates neighbouring pairs of channels by their token's angles (<a href="https://arxiv.org/abs/2104.09864">Su et al.
     * 2021</a>, equation 15), in float32 whatever the type of {@code x}.
     *
     * @param x queries or keys, (N, tokens, heads · d)
     * @param table cosine and sine of each angle, (tokens, d / 2, 2), float32
     */
    public static NDArray rotatedPairs(NDArray x, NDArray table) {
        return TorchOp.of("x, table", """
            wide = torch.unflatten(torch.to(x, 6), -1, [-1, torch.size(table, 1), 2])
            turn = torch.unsqueeze(torch.view_as_complex(table), 1)
            y = torch.mul(torch.view_as_complex(torch.contiguous(wide)), turn)
            return torch.type_as(torch.flatten(torch.view_as_real(y), 2), x)
            """).call(x, table);
    }
}
