package io.latent4j.transformer.layers;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.RmsNorm;
import java.util.Optional;
import java.util.OptionalDouble;

/** Queries, keys and values of tokens; each head's queries and keys may be normalized. */
final class Qkv extends NamedBlock {
    private final long headDim;
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Optional<RmsNorm> normQ;
    private final Optional<RmsNorm> normK;

    private Qkv(HeadShape shape, String prefix, String suffix, String norm) {
        headDim = shape.headDim();
        q = child(prefix + "q" + suffix, new Linear(shape.width(), shape.inner(), shape.withBias()));
        k = child(prefix + "k" + suffix, new Linear(shape.width(), shape.inner(), shape.withBias()));
        v = child(prefix + "v" + suffix, new Linear(shape.width(), shape.inner(), shape.withBias()));
        normQ = norm(norm + "q", shape.normEpsilon());
        normK = norm(norm + "k", shape.normEpsilon());
    }

    /** Of the tokens that a model is about. */
    static Qkv own(HeadShape shape) {
        return new Qkv(shape, "to_", "", "norm_");
    }

    /** Of those that join them. */
    static Qkv added(HeadShape shape) {
        return new Qkv(shape, "add_", "_proj", "norm_added_");
    }

    private Optional<RmsNorm> norm(String name, OptionalDouble epsilon) {
        return epsilon.isPresent()
                ? Optional.of(child(name, new RmsNorm(headDim, epsilon.getAsDouble())))
                : Optional.empty();
    }

    /** (N, tokens, width) → (N, tokens, heads · headDim). */
    NDArray q(Pass pass, NDArray x) {
        return normalized(pass, q, normQ, x);
    }

    NDArray k(Pass pass, NDArray x) {
        return normalized(pass, k, normK, x);
    }

    NDArray v(Pass pass, NDArray x) {
        return v.forward(pass, x);
    }

    private NDArray normalized(Pass pass, Layer projection, Optional<RmsNorm> norm, NDArray x) {
        return norm.isEmpty()
                ? projection.forward(pass, x)
                : scoped(() -> heads(pass, norm.get(), projection.forward(pass, x), headDim));
    }

    /** Normalizes each head: (N, tokens, heads · headDim) → same. */
    static NDArray heads(Pass pass, RmsNorm norm, NDArray x, long headDim) {
        Shape shape = x.getShape();
        return norm.forward(pass, x.reshape(shape.get(0), shape.get(1), -1, headDim))
                .reshape(shape);
    }
}
