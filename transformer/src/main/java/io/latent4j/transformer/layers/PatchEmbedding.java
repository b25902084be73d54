package io.latent4j.transformer.layers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.AttentionBlock;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;

/** A linear map of each patch, as a convolution that steps from patch to patch: (N, in, H, W) → (N, tokens, width). */
public final class PatchEmbedding extends NamedBlock implements Layer {
    private final Conv2d proj;

    public PatchEmbedding(long in, long width, int patch) {
        proj = child("proj", new Conv2d(in, width, patch, patch, 0));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return Ops.contiguous(AttentionBlock.tokens(proj.forward(pass, x)));
    }
}
