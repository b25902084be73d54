package io.latent4j.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/**
 * Latents (N, latentChannels, h, w) to images (N, 3, f · h, f · w), about [0, 1]. A rectifier and the doublings of size
 * have places among the layers, and no weights.
 */
final class TinyDecoder extends NamedBlock implements Layer {
    private static final double BOUND = 3; // of latents, which are bent to stay within

    private final Stages stages;

    TinyDecoder(AutoencoderTinyConfig config) {
        List<Stage> list = new ArrayList<>();
        long width = config.width();
        int place = 0;
        list.add(Stage.keeping((pass, x) -> bent(x), config.latentChannels(), 0));
        list.add(Stage.keeping(child("layers." + place, Conv2d.same3x3(config.latentChannels(), width)), width, 1));
        list.add(Stage.keeping((pass, x) -> Activation.relu(x), width, 0));
        place += 2;
        int levels = config.decoderBlocks().size();
        for (int level = 0; level < levels; level++) {
            for (int i = 0; i < config.decoderBlocks().get(level); i++) {
                list.add(Stage.keeping(child("layers." + place, new TinyBlock(width)), width, TinyBlock.REACH));
                place++;
            }
            if (level == levels - 1) {
                list.add(Stage.keeping(child("layers." + place, Conv2d.same3x3(width, config.channels())), width, 1));
            } else {
                Conv2d conv = child("layers." + (place + 1), new Conv2d(width, width, 3, 1, 1, false));
                list.add(Stage.doubling(conv::forwardUpsampled, width));
                place += 2;
            }
        }
        stages = new Stages(list);
    }

    private static NDArray bent(NDArray latents) {
        return latents.div(BOUND).tanh().mul(BOUND);
    }

    @Override
    public NDArray forward(Pass pass, NDArray latents) {
        return stages.forward(pass, latents);
    }

    /** What {@link #forward} applies. */
    Stages stages() {
        return stages;
    }
}
