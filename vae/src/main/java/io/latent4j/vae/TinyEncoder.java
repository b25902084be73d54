package io.latent4j.vae;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.Layer;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/** Images (N, 3, H, W) in [0, 1] to latents (N, latentChannels, H/f, W/f). */
final class TinyEncoder extends NamedBlock implements Layer {
    private final Stages stages;

    TinyEncoder(AutoencoderTinyConfig config) {
        List<Stage> list = new ArrayList<>();
        long width = config.width();
        for (int level = 0; level < config.encoderBlocks().size(); level++) {
            String place = "layers." + list.size();
            list.add(
                    level == 0
                            ? Stage.keeping(child(place, Conv2d.same3x3(config.channels(), width)), width, 1)
                            : Stage.halving(child(place, new Conv2d(width, width, 3, 2, 1, false)), width));
            for (int i = 0; i < config.encoderBlocks().get(level); i++) {
                list.add(Stage.keeping(child("layers." + list.size(), new TinyBlock(width)), width, TinyBlock.REACH));
            }
        }
        Conv2d last = child("layers." + list.size(), Conv2d.same3x3(width, config.latentChannels()));
        list.add(Stage.keeping(last, width, 1));
        stages = new Stages(list);
    }

    @Override
    public NDArray forward(Pass pass, NDArray x) {
        return stages.forward(pass, x);
    }

    /** What {@link #forward} applies. */
    Stages stages() {
        return stages;
    }
}
