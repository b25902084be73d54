package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Upsample2D;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.LongStream;

/** A level of the expanding half: each layer takes one skip along, then the size of the next skip. */
final class UpBlock2D extends NamedBlock {
    private final AttendingResnets layers;
    private final Optional<Upsample2D> upsampler;

    /**
     * A level that takes {@code in} channels.
     *
     * @param skip channels of the last skip it takes, the output of the level above on the way down
     */
    UpBlock2D(Level level, long in, long skip, boolean last) {
        layers = inline(new AttendingResnets(
                level,
                LongStream.rangeClosed(0, level.layers())
                        .mapToObj(
                                j -> (j == 0 ? in : level.channels()) + (j == level.layers() ? skip : level.channels()))
                        .toList()));
        upsampler = last ? Optional.empty() : Optional.of(child("upsamplers.0", new Upsample2D(level.channels())));
    }

    /** How many layers it has, each of which takes a skip. */
    int size() {
        return layers.size();
    }

    /** Applies layer {@code j}, and after the last one the upsampler; closes {@code x}, and the skip that it pops. */
    NDArray forward(int j, Pass pass, NDArray x, NDArray temb, NDArray context, Deque<NDArray> skips) {
        NDArray skip = skips.pop();
        NDArray h = scoped(() -> layers.forward(j, pass, x.concat(skip, 1), temb, context));
        x.close();
        skip.close();
        if (upsampler.isEmpty() || j < layers.size() - 1) {
            return h;
        }
        long height = skips.element().getShape().get(2); // twice the size, or one less where a side was odd
        long width = skips.element().getShape().get(3);
        NDArray larger = upsampler.get().forward(pass, h, height, width);
        h.close();
        return larger;
    }
}
