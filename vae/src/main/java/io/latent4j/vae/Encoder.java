package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Downsample2D;
import io.latent4j.core.nn.GroupNorm;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.ResnetBlock2D;
import java.util.ArrayList;
import java.util.List;

/** Pictures (N, 3, H, W) to mean and logarithm of the variance side by side, (N, 2 · latentChannels, H/f, W/f). */
final class Encoder extends NamedBlock implements Layer {
    /** Of every group normalization in the autoencoder. */
    static final double EPSILON = 1e-6;

    private final Conv2d convIn;
    private final Stages stages;
    private final GroupNorm convNormOut;
    private final Conv2d convOut;

    Encoder(AutoencoderKLConfig config) {
        List<Layer> layers = new ArrayList<>();
        List<Integer> widths = config.blockOutChannels();
        int levels = widths.size();
        int lowest = widths.get(levels - 1);
        convIn = child("conv_in", Conv2d.same3x3(config.inChannels(), widths.get(0)));
        long in = widths.get(0);
        for (int i = 0; i < levels; i++) {
            String block = "down_blocks." + i;
            long out = widths.get(i);
            for (int j = 0; j < config.layersPerBlock(); j++) {
                layers.add(
                        child(block + ".resnets." + j, ResnetBlock2D.timeless(in, out, config.normGroups(), EPSILON)));
                in = out;
            }
            if (i < levels - 1) {
                layers.add(child(block + ".downsamplers.0", new Downsample2D(out, 0)));
            }
        }
        layers.add(child("mid_block", new MidBlock(config)));
        stages = new Stages(layers);
        convNormOut = child("conv_norm_out", new GroupNorm(config.normGroups(), lowest, EPSILON));
        convOut = child("conv_out", Conv2d.same3x3(lowest, 2L * config.latentChannels()));
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return scoped(() -> {
            NDArray h = stages.forward(pass, convIn.forward(pass, x));
            return convOut.forwardNormalized(pass, convNormOut, h);
        });
    }
}
