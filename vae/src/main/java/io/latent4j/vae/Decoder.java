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

/** Latents (N, latentChannels, h, w) to images (N, 3, f · h, f · w). */
final class Decoder extends NamedBlock implements Layer {
    private static final int REACH_OF_RESNET = 2;

    private final Stages stages;
    private final Conv2d convOut;

    Decoder(AutoencoderKLConfig config) {
        List<Stage> list = new ArrayList<>();
        List<Integer> widths = config.blockOutChannels();
        int levels = widths.size();
        int finest = widths.get(0);
        long in = widths.get(levels - 1);
        list.add(Stage.keeping(child("conv_in", Conv2d.same3x3(config.latentChannels(), in)), in, 1));
        list.add(Stage.keeping(child("mid_block", new MidBlock(config)), in, Stage.EVERYWHERE));
        for (int i = 0; i < levels; i++) {
            String block = "up_blocks." + i;
            long out = widths.get(levels - 1 - i);
            for (int j = 0; j <= config.layersPerBlock(); j++) {
                Layer resnet = child(
                        block + ".resnets." + j, ResnetBlock2D.timeless(in, out, config.normGroups(), Encoder.EPSILON));
                list.add(Stage.keeping(resnet, Math.max(in, out), REACH_OF_RESNET));
                in = out;
            }
            if (i < levels - 1) {
                list.add(Stage.doubling(child(block + ".upsamplers.0", new Upsample2D(out)), out));
            }
        }
        GroupNorm convNormOut = child("conv_norm_out", new GroupNorm(config.normGroups(), finest, Encoder.EPSILON));
        convOut = child("conv_out", Conv2d.same3x3(finest, config.outChannels()));
        list.add(Stage.keeping((pass, h) -> convOut.forwardNormalized(pass, convNormOut, h), finest, 1));
        stages = new Stages(list);
    }

    /** The weight of the convolution that makes pixels. */
    NDArray lastLayer() {
        return convOut.getParameters().get("weight").getArray();
    }

    @Override
    public NDArray forward(Pass pass, NDArray latents) {
        return scoped(() -> stages.forward(pass, latents));
    }

    /** What {@link #forward} applies. */
    Stages stages() {
        return stages;
    }
}
