package io.latent4j.transformer.layers;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import java.util.Optional;

/**
 * Attention of a text and an image to both (<a href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>, section 4):
 * each has projections of its own, and they attend as one sequence, the text first.
 */
final class JointAttention extends NamedBlock {
    private final long heads;
    private final Qkv image;
    private final Qkv text;
    private final Linear toOut;
    private final Optional<Linear> toAddOut;

    /** @param withText whether there is a result for the text */
    JointAttention(HeadShape shape, boolean withText) {
        heads = shape.heads();
        image = inline(Qkv.own(shape));
        text = inline(Qkv.added(shape));
        toOut = child("to_out.0", new Linear(shape.inner(), shape.width(), shape.withBias()));
        toAddOut = withText
                ? Optional.of(child("to_add_out", new Linear(shape.inner(), shape.width(), shape.withBias())))
                : Optional.empty();
    }

    /** (N, words, C), (N, pixels, C) → (N, words + pixels, heads · headDim). */
    NDArray attended(Pass pass, NDArray words, NDArray pixels, Optional<NDArray> table) {
        return scoped(() -> {
            NDArray q = scoped(() ->
                    SelfAttention.rotated(table, text.q(pass, words).concat(image.q(pass, pixels), 1)));
            NDArray k = scoped(() ->
                    SelfAttention.rotated(table, text.k(pass, words).concat(image.k(pass, pixels), 1)));
            NDArray v = scoped(() -> text.v(pass, words).concat(image.v(pass, pixels), 1));
            return Ops.attention(q, k, v, heads);
        });
    }

    /** The image's part of the result: (N, pixels, heads · headDim) → (N, pixels, C). */
    NDArray image(Pass pass, NDArray attended) {
        return toOut.forward(pass, attended);
    }

    /** The text's part of the result: (N, words, heads · headDim) → (N, words, C). */
    NDArray text(Pass pass, NDArray attended) {
        return toAddOut.orElseThrow().forward(pass, attended);
    }
}
