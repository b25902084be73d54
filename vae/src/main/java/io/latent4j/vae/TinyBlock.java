package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;

/** Three 3×3 convolutions with rectifiers between them around a residual, and a rectifier of the sum: (N, C, H, W) → same. */
final class TinyBlock extends NamedBlock implements Layer {
    /** How many pixels away the result sees. */
    static final int REACH = 3;

    private final Conv2d first;
    private final Conv2d second;
    private final Conv2d third;

    TinyBlock(long channels) {
        first = child("conv.0", Conv2d.same3x3(channels, channels));
        second = child("conv.2", Conv2d.same3x3(channels, channels));
        third = child("conv.4", Conv2d.same3x3(channels, channels));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return scoped(() -> {
            NDArray h = scoped(() -> Activation.relu(first.forward(pass, x)));
            NDArray deeper = scoped(() -> Activation.relu(second.forward(pass, h)));
            h.close();
            return Activation.relu(third.forward(pass, deeper).addi(x));
        });
    }
}
