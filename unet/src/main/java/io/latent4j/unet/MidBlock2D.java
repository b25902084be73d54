package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.ResnetBlock2D;
import java.util.List;

/** The lowest resolution: a residual block, attention where the level attends, a residual block. */
final class MidBlock2D extends NamedBlock {
    private final ResnetBlock2D first;
    private final List<SpatialAttention> attention;
    private final ResnetBlock2D second;

    MidBlock2D(Level level) {
        first = child("resnets.0", level.resnet(level.channels()));
        attention = level.attentions(1);
        attention.forEach(a -> child("attentions.0", a.block()));
        second = child("resnets.1", level.resnet(level.channels()));
    }

    /** (N, C, H, W) → same. */
    NDArray forward(Pass pass, NDArray x, NDArray temb, NDArray context) {
        return scoped(() -> {
            NDArray h = first.forward(pass, x, temb);
            for (SpatialAttention a : attention) {
                h = a.forward(pass, h, context);
            }
            return second.forward(pass, h, temb);
        });
    }
}
