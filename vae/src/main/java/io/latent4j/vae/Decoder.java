package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.GroupNorm;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.ResnetBlock2D;
import io.latent4j.core.nn.Upsample2D;
import java.util.ArrayList;
import java.util.List;

/** Latents (N, latentChannels, h, w) to pictures (N, 3, f · h, f · w). */
final class Decoder extends NamedBlock implements Layer {
    private final Conv2d convIn;
    private final Stages stages;
    private final GroupNorm convNormOut;
    private final Conv2d convOut;

    Decoder(AutoencoderKLConfig config) {
        List<Layer> layers = new ArrayList<>();
        List<Integer> widths = config.blockOutChannels();
        int levels = widths.size();
        int finest = widths.get(0);
        long in = widths.get(levels - 1);
        convIn = child("conv_in", Conv2d.same3x3(config.latentChannels(), in));
        layers.add(child("mid_block", new MidBlock(config)));
        for (int i = 0; i < levels; i++) {
            String block = "up_blocks." + i;
            long out = widths.get(levels - 1 - i);
            for (int j = 0; j <= config.layersPerBlock(); j++) {
                layers.add(child(
                        block + ".resnets." + j,
                        ResnetBlock2D.timeless(in, out, config.normGroups(), Encoder.EPSILON)));
                in = out;
            }
            if (i < levels - 1) {
                layers.add(child(block + ".upsamplers.0", new Upsample2D(out)));
            }
        }
        stages = new Stages(layers);
        convNormOut = child("conv_norm_out", new GroupNorm(config.normGroups(), finest, Encoder.EPSILON));
        convOut = child("conv_out", Conv2d.same3x3(finest, config.outChannels()));
    }

    /** The weight of the convolution that makes pixels. */
    NDArray lastLayer() {
        return convOut.getParameters().get("weight").getArray();
    }

    @Override
    public NDArray forward(Pass pass, NDArray latents) {
        return scoped(() -> {
            NDArray h = stages.forward(pass, convIn.forward(pass, latents));
            return convOut.forwardNormalized(pass, convNormOut, h);
        });
    }
}
