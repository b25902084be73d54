package io.latent4j.unet;

import io.latent4j.core.nn.ResnetBlock2D;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * What the blocks of one resolution have in common.
 *
 * @param channels width of the level
 * @param layers residual blocks of its contracting half; the expanding half has one more
 * @param timeChannels width of the time embedding
 * @param groups of each group normalization
 * @param epsilon of each group normalization in a residual block
 * @param attention makes what follows each residual block, if anything does
 */
record Level(
        long channels,
        int layers,
        long timeChannels,
        long groups,
        double epsilon,
        Optional<Supplier<SpatialAttention>> attention) {

    /** A residual block that widens or narrows {@code in} channels to the level's. */
    ResnetBlock2D resnet(long in) {
        return ResnetBlock2D.timed(in, channels, timeChannels, groups, epsilon);
    }

    /** {@code count} attentions, or none if this level does not attend. */
    List<SpatialAttention> attentions(int count) {
        return attention.stream()
                .flatMap(make -> IntStream.range(0, count).mapToObj(i -> make.get()))
                .toList();
    }
}
