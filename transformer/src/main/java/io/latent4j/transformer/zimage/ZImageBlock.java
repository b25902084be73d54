package io.latent4j.transformer.zimage;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.RmsNorm;
import io.latent4j.core.ops.TransformerOps;
import io.latent4j.transformer.layers.HeadShape;
import io.latent4j.transformer.layers.SelfAttention;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Tokens attend to each other and pass a feed-forward layer. Both branches are normalized before and after, and where the
 * block is told the time, scaled before and gated after.
 */
final class ZImageBlock extends NamedBlock {
    private static final double HEAD_EPSILON = 1e-5;

    private final SelfAttention attention;
    private final GatedFeedForward feedForward;
    private final RmsNorm attentionNorm1;
    private final RmsNorm ffnNorm1;
    private final RmsNorm attentionNorm2;
    private final RmsNorm ffnNorm2;
    private final Optional<Linear> modulation;

    /** @param timed whether the block is told the time */
    ZImageBlock(ZImageTransformer2DConfig config, boolean timed) {
        int width = config.width();
        attention = child(
                "attention",
                new SelfAttention(
                        HeadShape.sharing(config.heads(), width / config.heads(), OptionalDouble.of(HEAD_EPSILON))
                                .withoutBias()));
        feedForward = child("feed_forward", new GatedFeedForward(width));
        attentionNorm1 = child("attention_norm1", new RmsNorm(width, config.normEpsilon()));
        ffnNorm1 = child("ffn_norm1", new RmsNorm(width, config.normEpsilon()));
        attentionNorm2 = child("attention_norm2", new RmsNorm(width, config.normEpsilon()));
        ffnNorm2 = child("ffn_norm2", new RmsNorm(width, config.normEpsilon()));
        modulation = timed
                ? Optional.of(child("adaLN_modulation.0", new Linear(config.timeChannels(), 4L * width)))
                : Optional.empty();
    }

    /**
     * Applies a block that is told the time: (N, tokens, C) → same.
     *
     * @param temb the time, (N, timeChannels)
     * @param table the tokens' rotations
     */
    NDArray forward(Pass pass, NDArray x, NDArray temb, NDArray table) {
        return pass.stage(this::timed, x, temb, table);
    }

    /** Applies a block that is not. */
    NDArray forward(Pass pass, NDArray x, NDArray table) {
        return pass.stage(this::timeless, x, table);
    }

    private NDArray timed(Pass pass, List<NDArray> in) {
        NDArray x = in.get(0);
        NDArray table = in.get(2).stopGradient();
        NDList m = modulation.orElseThrow().forward(pass, in.get(1)).split(4, 1); // scale and gate of each branch
        NDArray seen = scoped(() -> {
            NDArray h = scaled(attentionNorm1.forward(pass, x), m.get(0));
            NDArray branch = attentionNorm2.forward(pass, attention.forward(pass, h, Optional.of(table)));
            return TransformerOps.gatedSum(x, m.get(1).tanh(), branch);
        });
        return scoped(() -> {
            NDArray h = scaled(ffnNorm1.forward(pass, seen), m.get(2));
            NDArray branch = ffnNorm2.forward(pass, feedForward.forward(pass, h));
            return TransformerOps.gatedSum(seen, m.get(3).tanh(), branch);
        });
    }

    /** {@code h · (1 + scale)}: (N, tokens, C), (N, C) → (N, tokens, C). */
    private static NDArray scaled(NDArray h, NDArray scale) {
        return h.add(h.mul(scale.expandDims(1)));
    }

    private NDArray timeless(Pass pass, List<NDArray> in) {
        NDArray x = in.get(0);
        NDArray table = in.get(1).stopGradient();
        NDArray seen = scoped(() -> attentionNorm2
                .forward(pass, attention.forward(pass, attentionNorm1.forward(pass, x), Optional.of(table)))
                .add(x));
        return scoped(() -> ffnNorm2.forward(pass, feedForward.forward(pass, ffnNorm1.forward(pass, seen)))
                .add(seen));
    }
}
