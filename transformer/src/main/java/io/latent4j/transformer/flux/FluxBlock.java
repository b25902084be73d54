package io.latent4j.transformer.flux;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.FeedForward;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.transformer.layers.HeadShape;
import io.latent4j.transformer.layers.JointBlock;
import io.latent4j.transformer.layers.Modulation;
import java.util.Optional;

/** A joint block with modulations of its own, whose queries and keys are rotated by position. */
final class FluxBlock extends NamedBlock {
    private final Modulation norm1;
    private final Modulation norm1Context;
    private final JointBlock block;

    FluxBlock(HeadShape shape) {
        norm1 = child("norm1", new Modulation(shape.width(), 6));
        norm1Context = child("norm1_context", new Modulation(shape.width(), 6));
        block = inline(new JointBlock(
                shape,
                FluxTransformer2DModel.EPSILON,
                false,
                false,
                () -> new FeedForward(shape.width(), FeedForward.Activation.GELU_TANH)));
    }

    /**
     * Applies the block: (N, words + pixels, C) → same.
     *
     * @param words how many tokens are the text's
     * @param temb time, guidance scale and pooled text, (N, C)
     * @param table the tokens' rotations
     */
    NDArray forward(Pass pass, NDArray joint, long words, NDArray temb, NDArray table) {
        return pass.stage(
                (within, in) -> block.forward(
                        within,
                        in.get(0),
                        words,
                        norm1.vectors(within, in.get(1)),
                        norm1Context.vectors(within, in.get(1)),
                        Optional.of(in.get(2).stopGradient())),
                joint,
                temb,
                table);
    }
}
