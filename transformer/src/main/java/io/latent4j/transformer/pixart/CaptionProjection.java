package io.latent4j.transformer.pixart;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;

/** Takes the text's hidden states to the width of the tokens: (N, words, in) → (N, words, out). */
final class CaptionProjection extends NamedBlock implements Layer {
    private final Linear linear1;
    private final Linear linear2;

    CaptionProjection(long in, long out) {
        linear1 = child("linear_1", new Linear(in, out));
        linear2 = child("linear_2", new Linear(out, out));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return linear2.forward(pass, Ops.geluTanh(linear1.forward(pass, x)));
    }
}
