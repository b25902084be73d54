package io.latent4j.core.ops;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The operators of libtorch that DJL has no call for, all with gradients.
 *
 * <p>Each returns a new array that belongs to its first operand's manager, and leaves its operands as they are.
 */
public final class Ops {
    private static final int NEAREST = 0;
    private static final int BILINEAR = 1;
    private static final int BICUBIC = 3;

    /** Of attention without a fused kernel, at a time: 128 MB in float32, which libtorch holds some three times. */
    static final long MOST_WEIGHTS = 32 << 20;

    private Ops() {}

    /**
     * Group normalization (<a href="https://arxiv.org/abs/1803.08494">Wu &amp; He 2018</a>) over {@code groups} groups of
     * channels: (N, C, …) → same.
     *
     * @param weight scale of each channel, (C)
     * @param bias shift of each channel, (C)
     */
    public static NDArray groupNorm(NDArray x, long groups, NDArray weight, NDArray bias, double epsilon) {
        return TorchOp.of("x, w, b", groupNormOf("x", groups, "w", "b", epsilon) + "return normal")
                .call(x, weight, bias);
    }

    /** {@link #groupNorm} and then {@link #silu}, with one array between them less. */
    public static NDArray groupNormSilu(NDArray x, long groups, NDArray weight, NDArray bias, double epsilon) {
        return TorchOp.of("x, w, b", groupNormOf("x", groups, "w", "b", epsilon) + "return torch.silu_(normal)")
                .call(x, weight, bias);
    }

    /**
     * Statements that make {@code normal}, the group normalization of {@code x}. Where a gradient is recorded for its
     * parameters and none for {@code x}, that is laid out row by row before: libtorch's gradient of pixels that lie with their
     * channels together would be written where there is no memory.
     */
    static String groupNormOf(String x, long groups, String gamma, String beta, double epsilon) {
        return """
            of_norm = X
            if torch.is_grad_enabled():
              if not ops.prim.requires_grad(X) and (ops.prim.requires_grad(GAMMA) or ops.prim.requires_grad(BETA)):
                of_norm = torch.contiguous(X)
            normal = torch.group_norm(of_norm, GROUPS, GAMMA, BETA, EPSILON)
            """.replace("X", x)
                .replace("GAMMA", gamma)
                .replace("BETA", beta)
                .replace("GROUPS", Long.toString(groups))
                .replace("EPSILON", Double.toString(epsilon));
    }

    /**
     * Root mean square normalization over the last axis (<a href="https://arxiv.org/abs/1910.07467">Zhang &amp; Sennrich
     * 2019</a>, equation 4, with {@code epsilon} added to the mean square): (…, C) → same. The mean square is taken in
     * float32 whatever the type of {@code x}, because squares leave the range of float16.
     *
     * @param weight scale of each channel, (C)
     */
    public static NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        return TorchOp.of("x, w", """
            wide = torch.to(x, 6)
            r = torch.rsqrt(torch.add(torch.mean(torch.mul(wide, wide), [-1], True), EPSILON))
            return torch.mul(torch.type_as(torch.mul(wide, r), x), w)
            """.replace("EPSILON", Double.toString(epsilon)))
                .call(x, weight);
    }

    /**
     * The scale and shift of each channel that do to {@code x} what group normalization does, with mean and variance taken
     * of all samples together and without a sixth at every edge: (N, C, H, W) → (2, C) in float32.
     */
    public static NDArray innerScaleAndShift(NDArray x, long groups, NDArray gamma, NDArray beta, double epsilon) {
        return TorchOp.of("x, gamma, beta", """
            h = torch.size(x, 2)
            w = torch.size(x, 3)
            inner = torch.slice(torch.slice(x, 2, h // 6, h - h // 6), 3, w // 6, w - w // 6)
            n = torch.size(x, 0)
            means = annotate(List[Tensor], [])
            variances = annotate(List[Tensor], [])
            for i in range(n):
              sample = torch.to(torch.reshape(torch.select(inner, 0, i), [GROUPS, -1]), 6)
              var, mean = torch.var_mean(sample, [1], False)
              kept = torch.append(means, mean)
              kept2 = torch.append(variances, var)
            between, mean = torch.var_mean(torch.stack(means), [0], False)
            var = torch.add(torch.mean(torch.stack(variances), [0]), between)
            each = torch.size(x, 1) // GROUPS
            scale = torch.mul(torch.repeat_interleave(torch.rsqrt(torch.add(var, EPSILON)), each), gamma)
            shift = torch.sub(torch.to(beta, 6), torch.mul(torch.repeat_interleave(mean, each), scale))
            return torch.stack([scale, shift])
            """.replace("GROUPS", Long.toString(groups))
                        .replace("EPSILON", Double.toString(epsilon)))
                .call(x, gamma, beta);
    }

    /**
     * {@code x · scale + shift} by channel, of the type of {@code x}: (N, C, H, W), (2, C) in float32 → (N, C, H, W). Only the
     * result is rounded to that type.
     */
    public static NDArray scaledAndShifted(NDArray x, NDArray scaleAndShift) {
        return TorchOp.of("x, both", """
            if ops.prim.dtype(x) == 15:
              none = torch.zeros_like(torch.select(both, 0, 0))
              return torch.batch_norm(x, torch.select(both, 0, 0), torch.select(both, 0, 1), none, torch.add(none, 1.), False, 0., 0., False)
            both = torch.type_as(torch.reshape(both, [2, 1, -1, 1, 1]), x)
            return torch.addcmul(torch.select(both, 0, 1), x, torch.select(both, 0, 0))
            """).call(x, scaleAndShift);
    }

    /**
     * {@code x · factor}, of the type of {@code x}.
     *
     * <p>This, and not {@link NDArray#mul(Number)}, wherever a gradient may be recorded: there the number lies in memory of
     * Java's that libtorch only borrows, and the garbage collector may take it back before the gradient is due.
     */
    public static NDArray mul(NDArray x, double factor) {
        try (NDArray number = owned(factor, x)) {
            return x.mul(number);
        }
    }

    /** {@code x / divisor}, as {@link #mul(NDArray, double)} in place of {@link NDArray#div(Number)}. */
    public static NDArray div(NDArray x, double divisor) {
        try (NDArray number = owned(divisor, x)) {
            return x.div(number);
        }
    }

    /** The larger of each of {@code x} and {@code least}; like {@link #mul} in place of {@link NDArray#maximum(Number)}. */
    public static NDArray maximum(NDArray x, double least) {
        return TorchOp.of("x", "return torch.clamp_min(x, " + least + ")").call(x);
    }

    /** A number in libtorch's own memory that does not change the type of what {@code x} is combined with it to. */
    private static NDArray owned(double value, NDArray x) {
        try (NDArray borrowed = x.getManager().create(value)) {
            if (!x.getShape().isScalar()) {
                return borrowed.duplicate();
            }
            try (NDArray typed = castLike(borrowed, x)) { // two arrays of no axes meet in the wider type
                return typed.duplicate();
            }
        }
    }

    /**
     * An array of these values in libtorch's own memory: needed where a recorded gradient keeps the values and the array
     * itself is closed before the gradient is due, as in {@link io.latent4j.core.memory.Scopes#scoped}.
     */
    public static NDArray array(NDManager manager, float[] values, Shape shape) {
        try (NDArray borrowed = manager.create(values, shape)) {
            return borrowed.duplicate();
        }
    }

    /** {@code x · sigmoid(x)} (<a href="https://arxiv.org/abs/1606.08415">Hendrycks &amp; Gimpel 2016</a>). */
    public static NDArray silu(NDArray x) {
        return TorchOp.of("x", "return torch.silu(x)").call(x);
    }

    /** The exact Gaussian error linear unit, {@code x · Φ(x)}. */
    public static NDArray gelu(NDArray x) {
        return x.getNDArrayInternal().gelu();
    }

    /** The approximation of {@link #gelu} by a hyperbolic tangent. */
    public static NDArray geluTanh(NDArray x) {
        return TorchOp.of("x", "return torch.gelu(x, approximate=\"tanh\")").call(x);
    }

    /** {@code x · sigmoid(1.702 x)}, the approximation of {@link #gelu} that CLIP was trained with. */
    public static NDArray quickGelu(NDArray x) {
        return TorchOp.of("x", "return torch.mul(x, torch.sigmoid_(torch.mul(x, 1.702)))")
                .call(x);
    }

    /**
     * The gated unit GEGLU (<a href="https://arxiv.org/abs/2002.05202">Shazeer 2020</a>): the last axis holds {@code h}
     * and {@code gate}, (…, 2C) → {@code h · gelu(gate)}, (…, C).
     */
    public static NDArray geglu(NDArray x) {
        return TorchOp.of("x", """
            h, gate = torch.chunk(x, 2, -1)
            return torch.mul_(torch.gelu(gate), h)
            """).call(x);
    }

    /**
     * The gated unit SwiGLU (<a href="https://arxiv.org/abs/2002.05202">Shazeer 2020</a>): the last axis holds {@code gate}
     * and {@code h}, (…, 2C) → {@code silu(gate) · h}, (…, C).
     */
    public static NDArray swiglu(NDArray x) {
        return TorchOp.of("x", """
            gate, h = torch.chunk(x, 2, -1)
            return torch.mul(torch.silu(gate), h)
            """).call(x);
    }

    /**
     * Scaled dot-product attention (<a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017</a>, equation 1) of
     * {@code heads} heads that lie side by side in the last axis, without ever holding the (N, M) matrix.
     *
     * @param q queries, (B, N, heads · d)
     * @param k keys, (B, M, heads · d)
     * @param v values, (B, M, heads · d)
     * @return (B, N, heads · d)
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, long heads) {
        return attention(q, k, v, heads, false);
    }

    /** {@link #attention} in which a token sees itself and the tokens before it only; N = M. */
    public static NDArray causalAttention(NDArray q, NDArray k, NDArray v, long heads) {
        return attention(q, k, v, heads, true);
    }

    /**
     * {@link #attention} with something added to the scores, minus infinity or a large negative number for a key that is not
     * to be attended to.
     *
     * @param added (B or 1, heads or 1, N or 1, M)
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, long heads, NDArray added) {
        return attention(heads, "added", false, MOST_WEIGHTS, q, k, v, added);
    }

    private static NDArray attention(NDArray q, NDArray k, NDArray v, long heads, boolean causal) {
        return attention(q, k, v, heads, causal, MOST_WEIGHTS);
    }

    static NDArray attention(NDArray q, NDArray k, NDArray v, long heads, boolean causal, long most) {
        return attention(heads, "None", causal, most, q, k, v);
    }

    static NDArray attention(NDArray q, NDArray k, NDArray v, long heads, NDArray added, long most) {
        return attention(heads, "added", false, most, q, k, v, added);
    }

    /**
     * Where libtorch has no fused kernel for these operands, it holds the weights of all queries; then some queries at a
     * time, so that no more than {@code most} weights exist, or those of one query. Causal attention is left whole.
     *
     * @param mask what is added to the scores: the fourth operand's name, or {@code None}
     */
    private static NDArray attention(long heads, String mask, boolean causal, long most, NDArray... operands) {
        boolean masked = operands.length > 3;
        String ofSome = masked ? "torch.slice(added, 2, i * step, min((i + 1) * step, n))" : "None";
        return TorchOp.of(
                        masked ? "q, k, v, added" : "q, k, v",
                        (masked ? "added = torch.type_as(added, q)\n" : "")
                                + """
                                q = torch.transpose(torch.unflatten(q, -1, [HEADS, -1]), 1, 2)
                                k = torch.transpose(torch.unflatten(k, -1, [HEADS, -1]), 1, 2)
                                v = torch.transpose(torch.unflatten(v, -1, [HEADS, -1]), 1, 2)
                                n = torch.size(q, 2)
                                step = n
                                if torch._fused_sdp_choice(q, k, v, MASK, 0., CAUSAL) == 0 and not CAUSAL:
                                  step = max(MOST // (torch.size(q, 0) * HEADS * torch.size(k, 2)), 1)
                                if step >= n:
                                  y = torch.scaled_dot_product_attention(q, k, v, MASK, 0., CAUSAL)
                                else:
                                  ROWS
                                  parts = annotate(List[Tensor], [])
                                  for i in range((n + step - 1) // step):
                                    some = torch.slice(q, 2, i * step, min((i + 1) * step, n))
                                    part = torch.scaled_dot_product_attention(some, k, v, SOME, 0., False)
                                    kept = torch.append(parts, part)
                                  y = torch.cat(parts, 2)
                                return torch.flatten(torch.transpose(y, 1, 2), 2)
                                """.replace("HEADS", Long.toString(heads))
                                        .replace("CAUSAL", causal ? "True" : "False")
                                        .replace("MASK", mask)
                                        .replace("SOME", ofSome)
                                        .replace("ROWS", masked ? "added = torch.expand(added, [-1, -1, n, -1])" : "")
                                        .replace("MOST", Long.toString(most)))
                .call(operands);
    }

    /**
     * The logarithm of the probability that a standard normal value lies between {@code lower} and {@code upper}, of equal
     * shape and finite. Computed in float64 from the nearer tail, so it is good far from 0 and for close bounds.
     */
    public static NDArray logNormalInterval(NDArray lower, NDArray upper) {
        return TorchOp.of("lower, upper", """
            a = torch.to(lower, 7)
            b = torch.to(upper, 7)
            right = torch.gt(torch.add(a, b), 0)
            low = torch.special_log_ndtr(torch.where(right, torch.neg(b), a))
            high = torch.special_log_ndtr(torch.where(right, torch.neg(a), b))
            between = torch.add(high, torch.log(torch.neg(torch.expm1(torch.sub(low, high)))))
            return torch.type_as(between, upper)
            """).call(lower, upper);
    }

    /**
     * The same values as another type; {@code x}'s own memory where it is of that type already.
     *
     * <p>This, and never {@link NDArray#toType}, because DJL's bindings end the process when they are asked for bfloat16.
     * Arrays of that type work as long as nothing asks for their {@link NDArray#getDataType}.
     *
     * @throws IllegalArgumentException if {@code type} is none that the engine holds
     */
    public static NDArray cast(NDArray x, DataType type) {
        int code = // c10::ScalarType
                switch (type) {
                    case UINT8 -> 0;
                    case INT8 -> 1;
                    case INT32 -> 3;
                    case INT64 -> 4;
                    case FLOAT16 -> 5;
                    case FLOAT32 -> 6;
                    case FLOAT64 -> 7;
                    case BOOLEAN -> 11;
                    case BFLOAT16 -> 15;
                    default ->
                        throw new IllegalArgumentException("data type is " + type
                                + "; expected a floating-point type, whole numbers of 8, 32 or 64 bits, or booleans");
                };
        return TorchOp.of("x", "return torch.to(x, " + code + ")").call(x);
    }

    /** {@link #cast} to the type of {@code like}. */
    public static NDArray castLike(NDArray x, NDArray like) {
        return TorchOp.of("x, like", "return torch.type_as(x, like)").call(x, like);
    }

    /** The smaller of each of {@code x}, whole numbers, and {@code most}. */
    public static NDArray atMost(NDArray x, long most) {
        return TorchOp.of("x", "return torch.clamp_max(x, " + most + ")").call(x);
    }

    /**
     * {@code rows}, and those of {@code more} in their place for the ids from {@code count} on, as if {@code more} stood
     * below a table of {@code count} rows: ids (…), rows (…, width) → (…, width), of the type of {@code rows}.
     *
     * @param ids int64
     * @param more (n, width)
     */
    public static NDArray rowsFrom(long count, NDArray ids, NDArray rows, NDArray more) {
        return TorchOp.of("ids, rows, more", """
            others = torch.embedding(more, torch.clamp(torch.sub(ids, COUNT), 0))
            own = torch.unsqueeze(torch.lt(ids, COUNT), -1)
            return torch.where(own, rows, torch.type_as(others, rows))
            """.replace("COUNT", Long.toString(count)))
                .call(ids, rows, more);
    }

    /**
     * The nearest matrix of a rank, as factors: x (m, n) → (rank, m + n), of which the first m columns are {@code up}
     * transposed and the others {@code down}, so that {@code up · down} is near {@code x} (Eckart &amp; Young 1936). Each
     * gets the root of the singular values.
     *
     * @param x float32
     * @param rank 1 to the smaller of m and n
     */
    public static NDArray nearestOfRank(NDArray x, long rank) {
        String body = """
            u, s, vh = torch.linalg_svd(x, False)
            root = torch.sqrt(torch.slice(s, 0, 0, RANK))
            up = torch.mul(torch.slice(u, 1, 0, RANK), root)
            down = torch.mul(torch.slice(vh, 0, 0, RANK), torch.unsqueeze(root, 1))
            return torch.contiguous(torch.cat([torch.t(up), down], 1))
            """;
        return TorchOp.of("x", body.replace("RANK", String.valueOf(rank))).call(x);
    }

    /** The same values in row-major memory: a copy, or {@code x}'s own memory where that is row-major already. */
    public static NDArray contiguous(NDArray x) {
        return TorchOp.of("x", "return torch.contiguous(x)").call(x);
    }

    /** Adds a column of zeros at the right and a row of zeros at the bottom: (N, C, H, W) → (N, C, H + 1, W + 1). */
    public static NDArray padRightAndBottom(NDArray x) {
        return TorchOp.of("x", "return torch.constant_pad_nd(x, [0, 1, 0, 1], 0)")
                .call(x);
    }

    /** Repeats pixels: (N, C, H, W) → (N, C, height, width), the nearest of the source for each of the result. */
    public static NDArray upsampleNearest(NDArray x, long height, long width) {
        return interpolated(x, height, width, NEAREST);
    }

    /** Resizes by linear interpolation: (N, C, H, W) → (N, C, height, width). Pixels are areas, not corners. */
    public static NDArray upsampleBilinear(NDArray x, long height, long width) {
        return interpolated(x, height, width, BILINEAR);
    }

    /**
     * Resizes by cubic interpolation (Keys 1981, a = −1/2): (N, C, H, W) → (N, C, height, width). Pixels are areas, not
     * corners; at the edges the pixels there are count alone.
     */
    public static NDArray upsampleBicubic(NDArray x, long height, long width) {
        return interpolated(x, height, width, BICUBIC);
    }

    private static NDArray interpolated(NDArray x, long height, long width, int mode) {
        NDArrayEx internal = x.getNDArrayInternal();
        return internal.interpolation(new long[] {height, width}, mode, false);
    }

    /**
     * The gradient of {@code loss}, a scalar being recorded, with respect to {@code of}, of its shape. Adds nothing to
     * any array's gradient and leaves the recording as it is.
     */
    public static NDArray gradient(NDArray loss, NDArray of) {
        return TorchOp.of("loss, of", """
            gradients = torch.grad([loss], [of], None, True, False, False)
            return unchecked_cast(Tensor, gradients[0])
            """).call(loss, of);
    }

    /** The Euclidean norm over every axis but the first: (N, …) → (N, 1, …). */
    public static NDArray norm(NDArray x) {
        long[] ones = new long[x.getShape().dimension()];
        Arrays.fill(ones, 1);
        ones[0] = x.getShape().get(0);
        NDArray flat = x.reshape(ones[0], -1);
        return flat.square().sum(new int[] {1}, true).sqrt().reshape(ones);
    }

    /** The standard deviation over every axis but the first, unbiased (n − 1): (N, …) → (N, 1, …). */
    public static NDArray std(NDArray x) {
        long count = x.size() / x.getShape().get(0);
        NDArray flat = x.reshape(x.getShape().get(0), -1);
        NDArray centred = flat.sub(flat.mean(new int[] {1}, true));
        long[] ones = new long[x.getShape().dimension()];
        Arrays.fill(ones, 1);
        ones[0] = x.getShape().get(0);
        return div(centred.square().sum(new int[] {1}, true), (double) (count - 1))
                .sqrt()
                .reshape(new Shape(ones));
    }
}
