package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.ResnetBlock2D;
import java.util.ArrayList;
import java.util.List;

/** The residual blocks of a level, each followed by attention where the level attends. */
final class AttendingResnets extends NamedBlock {
    private final List<ResnetBlock2D> resnets = new ArrayList<>();
    private final List<SpatialAttention> attentions;

    /** One residual block for each of {@code inputs}, the channels that go into it. */
    AttendingResnets(Level level, List<Long> inputs) {
        attentions = level.attentions(inputs.size());
        for (int j = 0; j < inputs.size(); j++) {
            resnets.add(child("resnets." + j, level.resnet(inputs.get(j))));
        }
        for (int j = 0; j < attentions.size(); j++) {
            child("attentions." + j, attentions.get(j).block());
        }
    }

    int size() {
        return resnets.size();
    }

    /** Applies residual block {@code j} and what follows it: (N, inputs[j], H, W) → (N, C, H, W). */
    NDArray forward(int j, Pass pass, NDArray x, NDArray temb, NDArray context) {
        NDArray h = resnets.get(j).forward(pass, x, temb);
        return attentions.isEmpty() ? h : attentions.get(j).forward(pass, h, context);
    }
}
