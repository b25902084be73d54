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

    /** Applies the level; pops from {@code skips}, and closes, what it takes. */
    NDArray forward(Pass pass, NDArray x, NDArray temb, NDArray context, Deque<NDArray> skips) {
        NDArray h = x;
        for (int i = 0; i < layers.size(); i++) {
            int j = i;
            NDArray in = h;
            NDArray skip = skips.pop();
            h = scoped(() -> layers.forward(j, pass, in.concat(skip, 1), temb, context));
            in.close();
            skip.close();
        }
        if (upsampler.isPresent()) {
            NDArray in = h;
            long height = skips.element().getShape().get(2); // twice the size, or one less where a side was odd
            long width = skips.element().getShape().get(3);
            h = upsampler.get().forward(pass, in, height, width);
            in.close();
        }
        return h;
    }
}
