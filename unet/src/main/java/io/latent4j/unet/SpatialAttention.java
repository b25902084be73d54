package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.AttentionBlock;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;

/** What follows a residual block where a UNet attends: to the text, or to the image itself. */
interface SpatialAttention {

    /** Attends from {@code x}, (N, C, H, W), to {@code context}, (N, tokens, channels), which it may ignore. */
    NDArray forward(Pass pass, NDArray x, NDArray context);

    /** The block that holds the parameters. */
    NamedBlock block();

    /** Attention of the image to itself, whatever the context. */
    static SpatialAttention toItself(AttentionBlock block) {
        return new SpatialAttention() {
            @Override
            public NDArray forward(Pass pass, NDArray x, NDArray context) {
                return block.forward(pass, x);
            }

            @Override
            public NamedBlock block() {
                return block;
            }
        };
    }
}
