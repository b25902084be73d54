package io.latent4j.core.ops;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Two-dimensional convolutions, all with gradients.
 *
 * <p>On a CPU the pixels of their results lie in memory with all their channels together ("channels last"), as its fastest
 * kernels read them, whatever the order of a shape's axes; arrays that are made of the results lie so too. An operand that
 * lies otherwise is laid out anew. Each of them returns a new array that belongs to its first operand's manager, and leaves
 * its operands as they are.
 */
public final class Convolutions {
    /** Numbers in input or result from which an image is worked on in strips: 96 MB in float32. */
    private static final long LARGE = 24 << 20;

    /** Tiles and channels from which {@link Winograd} is faster. */
    private static final long TILES = 32;

    private static final long CHANNELS = 48;

    /** Of the normalized and convolved, rows at a time. */
    private static final String IN_STRIPS = """
        STATISTICS
        yl = torch.new_empty(x, [n, h, torch.size(x, 3), torch.size(w, 0)])
        y = torch.permute(yl, [0, 3, 1, 2])
        for i in range(n):
          image = torch.slice(x, 0, i, i + 1)
          mean_of = torch.repeat_interleave(torch.select(mean, 0, i), each)
          var_of = torch.repeat_interleave(torch.select(var, 0, i), each)
          for s in range((h + 63) // 64):
            low = s * 64
            high = min(low + 64, h)
            top = max(low - p, 0)
            strip = torch.slice(image, 2, top, min(high + p, h))
            normal = torch.silu_(torch.batch_norm(strip, gamma, beta, mean_of, var_of, False, 0., EPSILON, False))
            part = torch.conv2d(normal, w, b, [1, 1], [p, p])
            rows_of = torch.slice(part, 2, low - top, high - top)
            kept = torch.copy_(torch.slice(torch.slice(y, 0, i, i + 1), 2, low, high), rows_of)
        """;

    /**
     * Mean and variance of each group, (N, groups) in float32, from those of pieces of a few rows that stay in cache: libtorch
     * tells them with what it normalizes.
     */
    private static final String STATISTICS = """
        n = torch.size(x, 0)
        c = torch.size(x, 1)
        h = torch.size(x, 2)
        each = c // GROUPS
        gamma = torch.to(gamma, 6)
        beta = torch.to(beta, 6)
        step = max(262144 // (c * torch.size(x, 3)), 1)
        means_of = annotate(List[Tensor], [])
        vars_of = annotate(List[Tensor], [])
        shares = annotate(List[float], [])
        for i in range(n):
          for s in range((h + step - 1) // step):
            piece = torch.slice(torch.slice(x, 0, i, i + 1), 2, s * step, min((s + 1) * step, h))
            normal, mean_of, rstd_of = torch.native_group_norm(piece, gamma, beta, 1, c, torch.size(piece, 2) * torch.size(piece, 3), GROUPS, EPSILON)
            kept1 = torch.append(means_of, torch.select(mean_of, 0, 0))
            kept1 = torch.append(vars_of, torch.sub(torch.reciprocal(torch.square(torch.select(rstd_of, 0, 0))), EPSILON))
            if i == 0:
              kept2 = torch.append(shares, torch.size(piece, 2) / h)
        share = torch.reshape(torch.to(torch.tensor(shares), 6), [1, -1, 1])
        means = torch.reshape(torch.stack(means_of), [n, -1, GROUPS])
        mean = torch.sum(torch.mul(means, share), [1], True)
        spread = torch.add(torch.reshape(torch.stack(vars_of), [n, -1, GROUPS]), torch.square(torch.sub(means, mean)))
        var = torch.sum(torch.mul(spread, share), [1], False)
        mean = torch.squeeze(mean, 1)
        """;

    /** The strip's place in {@link Winograd} takes what is normalized on the way. */
    private static final String NORMALIZED = """
        kept = torch.addcmul(shift_of, torch.permute(torch.slice(x, 2, low, high), [0, 2, 3, 1]), scale_of, value=1, out=inner)
        kept = torch.silu_(inner)
        """;

    private static final String SCALE_AND_SHIFT = """
        scale_of = torch.mul(torch.repeat_interleave(torch.rsqrt(torch.add(var, EPSILON)), each, 1), gamma)
        shift_of = torch.sub(beta, torch.mul(torch.repeat_interleave(mean, each, 1), scale_of))
        scale_of = torch.reshape(scale_of, [n, 1, 1, c])
        shift_of = torch.reshape(shift_of, [n, 1, 1, c])
        """;

    private static final String UPSAMPLED_IN_STRIPS = """
        h = torch.size(x, 2)
        yl = torch.new_empty(x, [torch.size(x, 0), 2 * h, 2 * torch.size(x, 3), torch.size(w, 0)])
        y = torch.permute(yl, [0, 3, 1, 2])
        for i in range((h + 31) // 32):
          low = i * 32
          high = min(low + 32, h)
          top = max(low - p, 0)
          strip = torch.slice(x, 2, top, min(high + p, h))
          wide = torch.upsample_nearest2d(strip, [2 * torch.size(strip, 2), 2 * torch.size(strip, 3)])
          part = torch.conv2d(wide, w, b, [1, 1], [p, p])
          rows_of = torch.slice(part, 2, 2 * (low - top), 2 * (high - top))
          kept = torch.copy_(torch.slice(y, 2, 2 * low, 2 * high), rows_of)
        """;

    private Convolutions() {}

    /**
     * Ways to the same result.
     *
     * @param plain has gradients
     * @param strips takes less memory
     * @param winograd is for 3×3 in float32
     */
    private record Ways(String plain, String strips, String winograd) {}

    /**
     * What ways suit the operands, besides the plain one.
     *
     * @param cpu whether they are a CPU's
     */
    record Choice(boolean cpu, boolean winograd, boolean strips) {

        /** @param scale pixels of the result for each of {@code x}; 0 where the convolution does not keep them */
        static Choice of(NDArray x, NDArray weight, int scale) {
            boolean cpu = !x.getDevice().isGpu();
            long out = weight.getShape().get(0);
            long in = weight.getShape().get(1);
            long pixels = x.size() / in * scale;
            boolean winograd = cpu
                    && weight.getShape().get(2) == 3
                    && Math.min(in, out) >= CHANNELS
                    && pixels >= TILES * Winograd.PIXELS
                    && CpuOperators.uses(CpuOperators.Kind.CONVOLUTION, "winograd");
            return new Choice(cpu, winograd, cpu && pixels * Math.max(in, out) >= LARGE);
        }
    }

    /**
     * The same weight, (out, in, k, k), laid out as {@link #convolve} reads it: an array of its own. Worth it for a weight
     * that is large beside the images.
     */
    public static NDArray laidOut(NDArray weight) {
        return TorchOp.of("w", "return torch.clone(w, memory_format=2)").call(weight);
    }

    /**
     * A convolution: (N, in, H, W) → (N, out, H', W'), H' = (H + 2·padding − k) / stride + 1.
     *
     * @param weight (out, in, k, k)
     * @param bias (out), or {@code null} for none
     */
    public static NDArray convolve(NDArray x, NDArray weight, NDArray bias, long stride, long padding) {
        Choice choice = Choice.of(x, weight, stride == 1 && padding == 1 ? 1 : 0);
        return convolve(choice, x, weight, bias, stride, padding);
    }

    static NDArray convolve(Choice choice, NDArray x, NDArray weight, NDArray bias, long stride, long padding) {
        String plain = "y = torch.conv2d(x, w, b, [%d, %d], [%d, %d])".formatted(stride, stride, padding, padding);
        Ways ways = new Ways(plain, plain, Winograd.convolution(Winograd.COPY));
        return call(ways, choice, bias, List.of("x", "w"), x, weight);
    }

    /**
     * {@link Ops#upsampleNearest} to twice the size and then a convolution that keeps it: (N, in, H, W) → (N, out, 2H, 2W).
     *
     * @param weight (out, in, k, k), k odd
     * @param bias (out), or {@code null} for none
     */
    public static NDArray upsampleConvolve(NDArray x, NDArray weight, NDArray bias) {
        return upsampleConvolve(Choice.of(x, weight, 4), x, weight, bias);
    }

    static NDArray upsampleConvolve(Choice choice, NDArray x, NDArray weight, NDArray bias) {
        String plain = """
            wide = torch.upsample_nearest2d(x, [2 * torch.size(x, 2), 2 * torch.size(x, 3)])
            y = torch.conv2d(wide, w, b, [1, 1], [p, p])
            """;
        Ways ways = new Ways(plain, UPSAMPLED_IN_STRIPS, Winograd.ofRepeated());
        return call(ways, choice, bias, List.of("x", "w"), x, weight);
    }

    /**
     * {@link Ops#groupNormSilu} and then a convolution that keeps the size: (N, in, H, W) → (N, out, H, W).
     *
     * @param gamma scale of each channel, (in)
     * @param beta shift of each channel, (in)
     * @param weight (out, in, k, k), k odd
     * @param bias (out), or {@code null} for none
     */
    public static NDArray groupNormSiluConvolve(
            NDArray x, long groups, NDArray gamma, NDArray beta, double epsilon, NDArray weight, NDArray bias) {
        return groupNormSiluConvolve(Choice.of(x, weight, 1), x, groups, gamma, beta, epsilon, weight, bias);
    }

    static NDArray groupNormSiluConvolve(
            Choice choice,
            NDArray x,
            long groups,
            NDArray gamma,
            NDArray beta,
            double epsilon,
            NDArray weight,
            NDArray bias) {
        String plain = Ops.groupNormOf("x", groups, "gamma", "beta", epsilon)
                + "y = torch.conv2d(torch.silu_(normal), w, b, [1, 1], [p, p])";
        String winograd = STATISTICS + SCALE_AND_SHIFT + Winograd.convolution(NORMALIZED);
        Ways ways = new Ways(
                plain,
                filled(IN_STRIPS.replace("STATISTICS\n", STATISTICS), groups, epsilon),
                filled(winograd, groups, epsilon));
        return call(ways, choice, bias, List.of("x", "w", "gamma", "beta"), x, weight, gamma, beta);
    }

    private static String filled(String statements, long groups, double epsilon) {
        return statements.replace("GROUPS", Long.toString(groups)).replace("EPSILON", Double.toString(epsilon));
    }

    /**
     * Goes one of the ways: a plain one where a gradient is recorded.
     *
     * @param names of the operands
     * @param bias the last operand, where there is one
     */
    private static NDArray call(Ways ways, Choice choice, NDArray bias, List<String> names, NDArray... operands) {
        List<String> parameters = new ArrayList<>(names);
        List<NDArray> all = new ArrayList<>(Arrays.asList(operands));
        StringBuilder body = new StringBuilder();
        if (bias == null) {
            body.append("b = torch.new_zeros(x, [torch.size(w, 0)])\n");
        } else {
            parameters.add("b");
            all.add(bias);
        }
        body.append("p = torch.size(w, 2) // 2\n");
        if (choice.cpu) {
            body.append("x = torch.contiguous(x, memory_format=2)\n");
        }
        if (choice.winograd || choice.strips) {
            body.append("if torch.is_grad_enabled() and (")
                    .append(recorded(parameters))
                    .append("):\n");
            body.append(ways.plain.strip().indent(2));
            if (choice.winograd) {
                body.append("elif ops.prim.dtype(x) == 6:\n")
                        .append(ways.winograd.strip().indent(2));
            }
            body.append("else:\n")
                    .append((choice.strips ? ways.strips : ways.plain).strip().indent(2));
        } else {
            body.append(ways.plain.strip()).append('\n');
        }
        body.append("return y");
        return TorchOp.of(String.join(", ", parameters), body.toString()).call(all.toArray(NDArray[]::new));
    }

    private static String recorded(List<String> parameters) {
        return parameters.stream()
                .map(name -> "ops.prim.requires_grad(" + name + ")")
                .collect(Collectors.joining(" or "));
    }
}
