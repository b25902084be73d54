package io.latent4j.core.nn;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;

/** Runs layers that treat each token by itself over some tokens at a time. */
public final class Tokenwise {
    /**
     * How many numbers the widest array of a layer may hold on the CPU. Larger inputs go through in parts: what stays in a
     * processor's cache is not waited for, and Stable Diffusion's largest, 84 MB at 512×512, never exists.
     */
    private static final long WIDEST = 2 << 20;

    private Tokenwise() {}

    /**
     * Applies {@code layer}: (N, tokens, C) → same.
     *
     * @param wide numbers that the layer's widest array has for each token
     */
    public static NDArray forward(Pass pass, NDArray x, long wide, Layer layer) {
        Shape shape = x.getShape();
        long channels = shape.get(shape.dimension() - 1);
        long tokens = x.size() / channels;
        long part = Math.max(256, WIDEST / wide); // fewer make the products inefficient
        if (x.getDevice().isGpu() || tokens <= 2 * part) {
            return layer.forward(pass, x);
        }
        return scoped(() -> {
            NDArray rows = x.reshape(-1, channels);
            NDList parts = new NDList();
            for (long start = 0; start < tokens; start += part) {
                NDArray some = rows.get(start + ":" + Math.min(start + part, tokens));
                parts.add(scoped(() -> layer.forward(pass, some)));
            }
            return NDArrays.concat(parts).reshape(shape);
        });
    }
}
