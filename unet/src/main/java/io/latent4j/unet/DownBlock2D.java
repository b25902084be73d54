package io.latent4j.unet;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Downsample2D;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.LongStream;

/** A level of the contracting half: its layers, then half the size. */
final class DownBlock2D extends NamedBlock {
    private final AttendingResnets layers;
    private final Optional<Downsample2D> downsampler;

    /** A level that takes {@code in} channels. */
    DownBlock2D(Level level, long in, boolean last, int padding) {
        layers = inline(new AttendingResnets(
                level,
                LongStream.range(0, level.layers())
                        .mapToObj(j -> j == 0 ? in : level.channels())
                        .toList()));
        downsampler = last
                ? Optional.empty()
                : Optional.of(child("downsamplers.0", new Downsample2D(level.channels(), padding)));
    }

    /** Applies the level, part by part until {@code skips} are {@code most}, and pushes the output of each on them. */
    NDArray forward(Pass pass, NDArray x, NDArray temb, NDArray context, Deque<NDArray> skips, int most) {
        NDArray h = x;
        for (int i = 0; i < layers.size() && skips.size() < most; i++) {
            int j = i;
            NDArray in = h;
            h = scoped(() -> layers.forward(j, pass, in, temb, context));
            skips.push(h);
        }
        if (downsampler.isPresent() && skips.size() < most) {
            NDArray in = h;
            h = scoped(() -> downsampler.get().forward(pass, in));
            skips.push(h);
        }
        return h;
    }
}
