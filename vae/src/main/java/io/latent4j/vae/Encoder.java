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
    private final List<Integer> levelEnds = new ArrayList<>();
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
            levelEnds.add(layers.size() - 1);
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

    /** What each level makes of pictures {@code x}, from the finest: (N, C_i, H / 2^i, W / 2^i). */
    List<NDArray> features(Pass pass, NDArray x) {
        List<NDArray> features = new ArrayList<>();
        NDArray h = convIn.forward(pass, x);
        for (int i = 0; features.size() < levelEnds.size(); i++) {
            h = stages.layers().get(i).forward(pass, h);
            if (levelEnds.contains(i)) {
                features.add(h);
            }
        }
        return features;
    }
}
