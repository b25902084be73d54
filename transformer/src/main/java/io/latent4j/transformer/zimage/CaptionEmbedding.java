package io.latent4j.transformer.zimage;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.RmsNorm;

/** Takes a caption's hidden states to the width of the tokens: (words, in) → (words, out). */
final class CaptionEmbedding extends NamedBlock implements Layer {
    private final RmsNorm norm;
    private final Linear linear;

    CaptionEmbedding(ZImageTransformer2DConfig config) {
        norm = child("0", new RmsNorm(config.captionChannels(), config.normEpsilon()));
        linear = child("1", new Linear(config.captionChannels(), config.width()));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return linear.forward(pass, norm.forward(pass, x));
    }
}
