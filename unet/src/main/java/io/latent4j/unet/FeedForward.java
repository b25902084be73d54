package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;

/** A gated layer four times as wide as its tokens, and back: (N, tokens, C) → same. */
final class FeedForward extends NamedBlock implements Layer {
    /**
     * How many numbers the wide array between the layers may hold on the CPU. Larger inputs go through in parts: what
     * stays in a processor's cache is not waited for, and Stable Diffusion's largest, 84 MB at 512×512, never exists.
     */
    private static final long WIDEST = 2 << 20;

    private final long channels;
    private final Linear in;
    private final Linear out;

    FeedForward(long channels) {
        this.channels = channels;
        long hidden = 4 * channels;
        in = child("net.0.proj", new Linear(channels, 2 * hidden));
        out = child("net.2", new Linear(hidden, channels));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        long tokens = x.size() / channels;
        long part = Math.max(256, WIDEST / (8 * channels)); // fewer make the products inefficient
        if (x.getDevice().isGpu() || tokens <= 2 * part) {
            return whole(pass, x);
        }
        return scoped(() -> {
            NDArray rows = x.reshape(-1, channels);
            NDList parts = new NDList();
            for (long start = 0; start < tokens; start += part) {
                NDArray some = rows.get(start + ":" + Math.min(start + part, tokens));
                parts.add(scoped(() -> whole(pass, some)));
            }
            return NDArrays.concat(parts).reshape(x.getShape());
        });
    }

    private NDArray whole(Pass pass, NDArray x) {
        NDArray both = in.forward(pass, x);
        NDArray hidden = Ops.geglu(both);
        both.close();
        return out.forward(pass, hidden);
    }
}
