package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.GroupNorm;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The U itself (<a href="https://arxiv.org/abs/1505.04597">Ronneberger et al. 2015</a>): down level by level, through the
 * lowest resolution, and up again with what the way down left behind.
 */
final class UNetBody extends NamedBlock {
    private final Conv2d convIn;
    private final List<DownBlock2D> downBlocks = new ArrayList<>();
    private final MidBlock2D midBlock;
    private final List<UpBlock2D> upBlocks = new ArrayList<>();
    private final GroupNorm convNormOut;
    private final Conv2d convOut;

    /**
     * A body from {@code in} to {@code out} channels.
     *
     * @param down the levels on the way down, from the finest
     * @param mid the lowest resolution
     * @param up the levels on the way up, from the coarsest, as wide as on the way down
     * @param padding of the convolutions that halve the size: see {@link io.latent4j.core.nn.Downsample2D}
     */
    UNetBody(long in, long out, List<Level> down, Level mid, List<Level> up, int padding) {
        Level finest = down.get(0);
        int last = down.size() - 1;
        convIn = child("conv_in", Conv2d.same3x3(in, finest.channels()));
        for (int i = 0; i <= last; i++) {
            long from = down.get(Math.max(i - 1, 0)).channels();
            downBlocks.add(child("down_blocks." + i, new DownBlock2D(down.get(i), from, i == last, padding)));
        }
        midBlock = child("mid_block", new MidBlock2D(mid));
        for (int i = 0; i <= last; i++) {
            int depth = last - i;
            long from = down.get(Math.min(depth + 1, last)).channels();
            long skip = down.get(Math.max(depth - 1, 0)).channels();
            upBlocks.add(child("up_blocks." + i, new UpBlock2D(up.get(i), from, skip, depth == 0)));
        }
        convNormOut = child("conv_norm_out", new GroupNorm(finest.groups(), finest.channels(), finest.epsilon()));
        convOut = child("conv_out", Conv2d.same3x3(finest.channels(), out));
    }

    /**
     * Applies the body within the caller's scope: (N, in, H, W) → (N, out, H, W).
     *
     * @param temb time embedding, (N, timeChannels)
     * @param context what levels attend to, (N, tokens, channels), where they attend to anything but themselves
     */
    NDArray forward(Pass pass, NDArray sample, NDArray temb, NDArray context) {
        Deque<NDArray> skips = new ArrayDeque<>();
        NDArray h = convIn.forward(pass, sample);
        skips.push(h);
        for (DownBlock2D block : downBlocks) {
            h = block.forward(pass, h, temb, context, skips);
        }
        h = midBlock.forward(pass, h, temb, context);
        for (UpBlock2D block : upBlocks) {
            h = block.forward(pass, h, temb, context, skips);
        }
        return convOut.forwardNormalized(pass, convNormOut, h);
    }
}
