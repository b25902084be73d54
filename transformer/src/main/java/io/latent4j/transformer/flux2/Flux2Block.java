package io.latent4j.transformer.flux2;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.FeedForward;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.transformer.layers.HeadShape;
import io.latent4j.transformer.layers.JointBlock;
import java.util.Optional;

/** A joint block that is given its modulations. */
final class Flux2Block extends NamedBlock {
    /** Vectors of a stream: shift, scale and gate of its attention and of its feed-forward layer. */
    static final int MODULATIONS = 6;

    private final JointBlock block;

    Flux2Block(Flux2Transformer2DConfig config, HeadShape shape) {
        block = inline(new JointBlock(
                shape,
                config.normEpsilon(),
                false,
                false,
                () -> FeedForward.withoutBias(config.width(), config.hidden(), FeedForward.Activation.SWIGLU)));
    }

    /**
     * Applies the block: (N, words + pixels, C) → same.
     *
     * @param words how many tokens are the text's
     * @param image modulations of the image's tokens, (N, 6C)
     * @param text modulations of the text's, (N, 6C)
     * @param table the tokens' rotations
     */
    NDArray forward(Pass pass, NDArray joint, long words, NDArray image, NDArray text, NDArray table) {
        return pass.stage(
                (within, in) -> block.forward(
                        within,
                        in.get(0),
                        words,
                        in.get(1).split(MODULATIONS, 1),
                        in.get(2).split(MODULATIONS, 1),
                        Optional.of(in.get(3).stopGradient())),
                joint,
                image,
                text,
                table);
    }
}
