package io.latent4j.transformer.sd3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.FeedForward;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.transformer.layers.HeadShape;
import io.latent4j.transformer.layers.JointBlock;
import io.latent4j.transformer.layers.Modulation;
import java.util.Optional;
import java.util.OptionalDouble;

/** A joint block with modulations of its own. */
final class SD3Block extends NamedBlock {
    private static final double EPSILON = 1e-6;

    private final boolean last;
    private final Modulation norm1;
    private final Modulation norm1Context;
    private final JointBlock block;

    SD3Block(SD3Transformer2DConfig config, int index) {
        long width = config.width();
        boolean dual = config.dualAttentionLayers().contains(index);
        last = index == config.layers() - 1;
        norm1 = child("norm1", new Modulation(width, dual ? 9 : 6));
        norm1Context = child("norm1_context", new Modulation(width, last ? 2 : 6));
        HeadShape shape = HeadShape.sharing(
                config.heads(),
                config.headDim(),
                config.normalizesHeads() ? OptionalDouble.of(EPSILON) : OptionalDouble.empty());
        block = inline(new JointBlock(
                shape, EPSILON, dual, last, () -> new FeedForward(width, FeedForward.Activation.GELU_TANH)));
    }

    /**
     * Applies the block.
     *
     * @param joint the text's tokens and the image's, (N, words + pixels, C)
     * @param temb the time and the pooled text, (N, C)
     * @return (N, words + pixels, C), or (N, pixels, C) from the last block
     */
    NDArray forward(Pass pass, NDArray joint, long words, NDArray temb) {
        return pass.stage(
                (within, in) -> {
                    NDList image = norm1.vectors(within, in.get(1));
                    NDList text = norm1Context.vectors(within, in.get(1));
                    NDList ordered = last ? new NDList(text.get(1), text.get(0)) : text; // there the scale comes first
                    return block.forward(within, in.get(0), words, image, ordered, Optional.empty());
                },
                joint,
                temb);
    }
}
