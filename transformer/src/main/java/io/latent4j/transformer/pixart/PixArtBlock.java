package io.latent4j.transformer.pixart;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.nn.FeedForward;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.TransformerOps;
import java.util.List;
import java.util.Optional;

/**
 * Tokens attend to each other, then to the text, then pass a feed-forward layer. What all blocks are told of the time is
 * shared; each adds a table of its own to it (AdaLN-single, <a href="https://arxiv.org/abs/2310.00426">Chen et al. 2023</a>,
 * section 2.3).
 */
final class PixArtBlock extends NamedBlock {
    private static final int MODULATIONS = 6;

    private final double epsilon;
    private final Parameter scaleShiftTable;
    private final Attention attn1;
    private final Attention attn2;
    private final FeedForward feedForward;

    PixArtBlock(PixArtTransformer2DConfig config) {
        long width = config.width();
        epsilon = config.normEpsilon();
        scaleShiftTable = parameter("scale_shift_table", Parameter.Type.WEIGHT, MODULATIONS, width);
        attn1 = child("attn1", new Attention(width, width, config.heads(), config.attentionBias()));
        attn2 = child("attn2", new Attention(width, width, config.heads(), config.attentionBias()));
        feedForward = child("ff", new FeedForward(width, FeedForward.Activation.GELU_TANH));
    }

    /**
     * Applies the block.
     *
     * @param x tokens, (N, tokens, C)
     * @param context the text, (N, words, C)
     * @param time what all blocks are told of the time, (N, 6C)
     * @param added to the scores of the text's tokens, (N, 1, 1, words)
     */
    NDArray forward(Pass pass, NDArray x, NDArray context, NDArray time, Optional<NDArray> added) {
        return added.isPresent()
                ? pass.stage(this::forward, x, context, time, added.get())
                : pass.stage(this::forward, x, context, time);
    }

    private NDArray forward(Pass pass, List<NDArray> in) {
        NDArray x = in.get(0);
        NDArray table = pass.value(scaleShiftTable, x).reshape(1, -1);
        NDList m = in.get(2).add(table).split(MODULATIONS, 1); // shift, scale and gate of each branch, (N, C)
        NDArray seen = scoped(() -> {
            NDArray h = TransformerOps.modulatedNorm(x, m.get(0), m.get(1), epsilon);
            return TransformerOps.gatedSum(x, m.get(2), attn1.forward(pass, h, h));
        });
        NDArray read = scoped(() ->
                pass.cache().attend(attn2, seen, () -> read(pass, seen, in)).addi(seen));
        seen.close();
        return scoped(() -> {
            NDArray h = TransformerOps.modulatedNorm(read, m.get(3), m.get(4), epsilon);
            return TransformerOps.gatedSum(read, m.get(5), feedForward.forward(pass, h));
        });
    }

    /** Attention to the text, of tokens that are not normalized. */
    private NDArray read(Pass pass, NDArray seen, List<NDArray> in) {
        return in.size() > 3
                ? attn2.forward(pass, seen, in.get(1), in.get(3).stopGradient())
                : attn2.forward(pass, seen, in.get(1));
    }
}
