package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The contracting half of a U, down to its lowest resolution: all of a UNet that a control network has too. */
final class Contraction extends NamedBlock {
    private final Conv2d convIn;
    private final List<DownBlock2D> downBlocks = new ArrayList<>();
    private final MidBlock2D midBlock;

    /**
     * A half that takes {@code in} channels.
     *
     * @param down the levels, from the finest
     * @param mid the lowest resolution
     * @param padding of the convolutions that halve the size: see {@link io.latent4j.core.nn.Downsample2D}
     */
    Contraction(long in, List<Level> down, Level mid, int padding) {
        convIn = child("conv_in", Conv2d.same3x3(in, down.get(0).channels()));
        for (int i = 0; i < down.size(); i++) {
            long from = down.get(Math.max(i - 1, 0)).channels();
            boolean last = i == down.size() - 1;
            downBlocks.add(child("down_blocks." + i, new DownBlock2D(down.get(i), from, last, padding)));
        }
        midBlock = child("mid_block", new MidBlock2D(mid));
    }

    /**
     * Applies the half within the caller's scope and pushes what it leaves behind on {@code skips}.
     *
     * @param hint added to what the first convolution makes, (N, C, H, W)
     * @return the lowest resolution
     */
    NDArray forward(
            Pass pass, NDArray sample, Optional<NDArray> hint, NDArray temb, NDArray context, Deque<NDArray> skips) {
        NDArray h = down(pass, sample, hint, temb, context, skips, Integer.MAX_VALUE);
        return midBlock.forward(pass, h, temb, context);
    }

    /** Applies the finest parts alone, until {@code skips} are {@code most}: what {@link #forward} pushes first. */
    NDArray down(
            Pass pass,
            NDArray sample,
            Optional<NDArray> hint,
            NDArray temb,
            NDArray context,
            Deque<NDArray> skips,
            int most) {
        NDArray h = convIn.forward(pass, sample);
        hint.ifPresent(h::addi);
        skips.push(h);
        for (DownBlock2D block : downBlocks) {
            h = block.forward(pass, h, temb, context, skips, most);
        }
        return h;
    }

    /** The channels of each array that {@link #forward} pushes, in that order. */
    static List<Long> skipChannels(List<Level> down) {
        List<Long> channels = new ArrayList<>();
        channels.add(down.get(0).channels());
        for (int i = 0; i < down.size(); i++) {
            int pushed = down.get(i).layers() + (i < down.size() - 1 ? 1 : 0);
            for (int j = 0; j < pushed; j++) {
                channels.add(down.get(i).channels());
            }
        }
        return channels;
    }
}
