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

/** Images (N, 3, H, W) to mean and logarithm of the variance side by side, (N, 2 · latentChannels, H/f, W/f). */
final class Encoder extends NamedBlock implements Layer {
    /** Of every group normalization in the autoencoder. */
    static final double EPSILON = 1e-6;

    private static final int REACH_OF_RESNET = 2;

    private final Stages stages;
    private final List<Integer> levelEnds = new ArrayList<>();

    Encoder(AutoencoderKLConfig config) {
        List<Stage> list = new ArrayList<>();
        List<Integer> widths = config.blockOutChannels();
        int levels = widths.size();
        int lowest = widths.get(levels - 1);
        long in = widths.get(0);
        list.add(Stage.keeping(child("conv_in", Conv2d.same3x3(config.inChannels(), in)), in, 1));
        for (int i = 0; i < levels; i++) {
            String block = "down_blocks." + i;
            long out = widths.get(i);
            for (int j = 0; j < config.layersPerBlock(); j++) {
                Layer resnet =
                        child(block + ".resnets." + j, ResnetBlock2D.timeless(in, out, config.normGroups(), EPSILON));
                list.add(Stage.keeping(resnet, Math.max(in, out), REACH_OF_RESNET));
                in = out;
            }
            levelEnds.add(list.size() - 1);
            if (i < levels - 1) {
                list.add(Stage.halving(child(block + ".downsamplers.0", new Downsample2D(out, 0)), out));
            }
        }
        list.add(Stage.keeping(child("mid_block", new MidBlock(config)), lowest, Stage.EVERYWHERE));
        GroupNorm convNormOut = child("conv_norm_out", new GroupNorm(config.normGroups(), lowest, EPSILON));
        Conv2d convOut = child("conv_out", Conv2d.same3x3(lowest, 2L * config.latentChannels()));
        list.add(Stage.keeping((pass, h) -> convOut.forwardNormalized(pass, convNormOut, h), lowest, 1));
        stages = new Stages(list);
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return scoped(() -> stages.forward(pass, x));
    }

    /** What {@link #forward} applies. */
    Stages stages() {
        return stages;
    }

    /** What each level makes of images {@code x}, from the finest: (N, C_i, H / 2^i, W / 2^i). */
    List<NDArray> features(Pass pass, NDArray x) {
        List<NDArray> features = new ArrayList<>();
        NDArray h = x;
        for (int i = 0; features.size() < levelEnds.size(); i++) {
            h = stages.list().get(i).layer().forward(pass, h);
            if (levelEnds.contains(i)) {
                features.add(h);
            }
        }
        return features;
    }
}
