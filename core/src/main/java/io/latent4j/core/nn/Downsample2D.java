package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/** Halves height and width by a 3×3 convolution of stride 2: (N, C, H, W) → (N, C, ⌈H/2⌉, ⌈W/2⌉) when padded evenly. */
public final class Downsample2D extends NamedBlock implements Layer {
    private final boolean even;
    private final Conv2d conv;

    /**
     * A down-sampler.
     *
     * @param padding 1 pads every side by one pixel, as UNets do; 0 pads right and bottom only, as autoencoders do
     */
    public Downsample2D(long channels, long padding) {
        if (padding != 0 && padding != 1) {
            throw new IllegalArgumentException("downsample_padding is " + padding + "; expected 0 or 1");
        }
        even = padding == 1;
        conv = child("conv", new Conv2d(channels, channels, 3, 2, padding));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return conv.forward(pass, even ? x : Ops.padRightAndBottom(x));
    }
}
