package io.latent4j.lora;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What a new adapter is made of.
 *
 * @param rank of its factors, 1 or more
 * @param alpha its change is multiplied by alpha / rank
 * @param kernels the same for convolutions with kernels larger than a pixel
 * @param split the largest that LoKr's first matrix may be, for each side; empty for the root of the weight's
 * @param rankStabilized whether it is by alpha / √rank instead (<a href="https://arxiv.org/abs/2312.03732">Kalajdzievski
 *     2023</a>)
 * @param dora whether it has lengths of the weight's rows as well (<a href="https://arxiv.org/abs/2402.09353">Liu et al.
 *     2024</a>)
 * @param targets patterns of the layers' names for each part of the model: {@code *} stands for any letters and {@code ?}
 *     for one, or a regular expression after {@code re:}
 */
public record LoraDesign(
        LoraAlgorithm algorithm,
        int rank,
        double alpha,
        Kernels kernels,
        OptionalInt split,
        boolean rankStabilized,
        boolean dora,
        Map<LoraPart, List<String>> targets) {
    private static final String REGEX = "re:";

    /** The attention's projections of a UNet. */
    public static final List<String> UNET_ATTENTION =
            List.of("*.attn?.to_q", "*.attn?.to_k", "*.attn?.to_v", "*.attn?.to_out.0");

    /** Those, and the convolutions of a UNet's residual blocks. */
    public static final List<String> UNET_WITH_CONVOLUTIONS =
            List.of("*.attn?.to_q", "*.attn?.to_k", "*.attn?.to_v", "*.attn?.to_out.0", "*.resnets.?.conv?");

    /** The attention's projections of a text encoder. */
    public static final List<String> TEXT_ATTENTION = List.of("*.self_attn.*_proj");

    /** What convolutions with kernels larger than a pixel have of their own. */
    public record Kernels(int rank, double alpha) {
        public Kernels {
            check("conv_", rank, alpha);
        }
    }

    public LoraDesign {
        targets = ImmutableMap.copyOf(targets);
        check("", rank, alpha);
        split.ifPresent(most -> {
            if (most < 1) {
                throw new IllegalArgumentException("factor is " + most + "; expected 1 or more");
            }
        });
        if (targets.values().stream().allMatch(List::isEmpty)) {
            throw new IllegalArgumentException(
                    "there are no targets; expected patterns of layers, *.to_q for instance");
        }
    }

    private static void check(String prefix, int rank, double alpha) {
        if (rank < 1) {
            throw new IllegalArgumentException(prefix + "rank is " + rank + "; expected 1 or more");
        }
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new IllegalArgumentException(prefix + "alpha is " + alpha + "; expected above 0");
        }
    }

    /** One in which all layers have the same rank and alpha, and LoKr splits by the root. */
    public LoraDesign(
            LoraAlgorithm algorithm,
            int rank,
            double alpha,
            boolean rankStabilized,
            boolean dora,
            Map<LoraPart, List<String>> targets) {
        this(algorithm, rank, alpha, new Kernels(rank, alpha), OptionalInt.empty(), rankStabilized, dora, targets);
    }

    /** The rank of a layer. */
    int rank(boolean hasKernel) {
        return hasKernel ? kernels.rank : rank;
    }

    /** What the product of a layer's factors is multiplied by. */
    double factor(boolean hasKernel) {
        double own = hasKernel ? kernels.alpha : alpha;
        return own / (rankStabilized ? Math.sqrt(rank(hasKernel)) : rank(hasKernel));
    }

    /** Whether a pattern, as in {@link #targets}, fits a layer's name. */
    public static boolean fits(String target, String layer) {
        return pattern(target).matcher(layer).matches();
    }

    /** The pattern that {@code target} stands for. */
    static Pattern pattern(String target) {
        if (target.startsWith(REGEX)) {
            try {
                return Pattern.compile(target.substring(REGEX.length()));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "the target " + target + " is no regular expression: " + e.getDescription(), e);
            }
        }
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(regex.toString());
    }
}
