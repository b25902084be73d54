package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.AttentionBlock;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.ResnetBlock2D;

/** The lowest resolution: a residual block, attention of one head where there is any, a residual block. */
final class MidBlock extends NamedBlock implements Layer {
    private final ResnetBlock2D first;
    private final Layer attention;
    private final ResnetBlock2D second;

    MidBlock(AutoencoderKLConfig config) {
        long channels = config.blockOutChannels().get(config.blockOutChannels().size() - 1);
        first = child("resnets.0", ResnetBlock2D.timeless(channels, channels, config.normGroups(), Encoder.EPSILON));
        attention = config.midAttends()
                ? child("attentions.0", new AttentionBlock(channels, 1, channels, config.normGroups(), Encoder.EPSILON))
                : (pass, x) -> x;
        second = child("resnets.1", ResnetBlock2D.timeless(channels, channels, config.normGroups(), Encoder.EPSILON));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return scoped(() -> second.forward(pass, attention.forward(pass, first.forward(pass, x))));
    }
}
