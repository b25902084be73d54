package io.latent4j.core.nn;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.ops.Ops;

/** Repeats pixels and smooths by a 3×3 convolution: (N, C, H, W) → (N, C, 2H, 2W), or a size that is asked for. */
public final class Upsample2D extends NamedBlock implements Layer {
    private final Conv2d conv;

    public Upsample2D(long channels) {
        conv = child("conv", Conv2d.same3x3(channels, channels));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return conv.forwardUpsampled(pass, x);
    }

    /** Up to exactly (height, width), as a UNet needs where a side of its latents does not halve evenly. */
    public NDArray forward(Pass pass, NDArray x, long height, long width) {
        Shape shape = x.getShape();
        if (height == 2 * shape.get(2) && width == 2 * shape.get(3)) {
            return forward(pass, x);
        }
        return scoped(() -> conv.forward(pass, Ops.upsampleNearest(x, height, width)));
    }
}
