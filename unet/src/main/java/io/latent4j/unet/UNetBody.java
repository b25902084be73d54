package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.config.Counted;
import io.latent4j.core.nn.Conv2d;
import io.latent4j.core.nn.GroupNorm;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The U itself (<a href="https://arxiv.org/abs/1505.04597">Ronneberger et al. 2015</a>): down level by level, through the
 * lowest resolution, and up again with what the way down left behind.
 */
final class UNetBody extends NamedBlock {
    private final Contraction contraction;
    private final List<UpLayer> upLayers = new ArrayList<>(); // by the skip that each takes, the finest first
    private final GroupNorm convNormOut;
    private final Conv2d convOut;

    /** Layer {@code j} of a level on the way up. */
    private record UpLayer(UpBlock2D block, int j) {
        NDArray forward(Pass pass, NDArray x, NDArray temb, NDArray context, Deque<NDArray> skips) {
            return block.forward(j, pass, x, temb, context, skips);
        }
    }

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
        contraction = inline(new Contraction(in, down, mid, padding));
        for (int i = 0; i <= last; i++) {
            int depth = last - i;
            long from = down.get(Math.min(depth + 1, last)).channels();
            long skip = down.get(Math.max(depth - 1, 0)).channels();
            UpBlock2D block = child("up_blocks." + i, new UpBlock2D(up.get(i), from, skip, depth == 0));
            for (int j = 0; j < block.size(); j++) {
                upLayers.add(0, new UpLayer(block, j));
            }
        }
        convNormOut = child("conv_norm_out", new GroupNorm(finest.groups(), finest.channels(), finest.epsilon()));
        convOut = child("conv_out", Conv2d.same3x3(finest.channels(), out));
    }

    /**
     * Applies the body within the caller's scope: (N, in, H, W) → (N, out, H, W).
     *
     * @param temb time embedding, (N, timeChannels)
     * @param context what levels attend to, (N, tokens, channels), where they attend to anything but themselves
     * @param control what a control network adds
     */
    NDArray forward(Pass pass, NDArray sample, NDArray temb, NDArray context, Optional<ControlResiduals> control) {
        Deque<NDArray> skips = new ArrayDeque<>();
        OptionalInt few = pass.cache().skips();
        NDArray h = few.isPresent()
                ? shallow(pass, sample, temb, context, skips, few.getAsInt())
                : contraction.forward(pass, sample, Optional.empty(), temb, context, skips);
        if (control.isPresent()) {
            skips = sums(skips, control.get().down());
            control.get().mid().ifPresent(h::addi);
        }
        for (int i = skips.size() - 1; i >= 0; i--) {
            pass.cache().offer(i, h);
            h = upLayers.get(i).forward(pass, h, temb, context, skips);
        }
        return convOut.forwardNormalized(pass, convNormOut, h);
    }

    /** Applies the finest parts, until {@code skips} are {@code few}, and returns what an earlier evaluation kept of the rest. */
    private NDArray shallow(Pass pass, NDArray sample, NDArray temb, NDArray context, Deque<NDArray> skips, int few) {
        contraction.down(pass, sample, Optional.empty(), temb, context, skips, few);
        return pass.cache().deep().orElseThrow().feature(sample);
    }

    /** The sums of {@code skips}, which are closed, and {@code added}, in the order in which they were pushed. */
    private static Deque<NDArray> sums(Deque<NDArray> skips, List<NDArray> added) {
        if (skips.size() != added.size()) {
            throw new IllegalArgumentException("the control network has " + Counted.of(added.size(), "output")
                    + " and the UNet " + skips.size() + "; expected a control network for this kind of UNet");
        }
        Deque<NDArray> sums = new ArrayDeque<>();
        Iterator<NDArray> finestFirst = skips.descendingIterator();
        for (NDArray more : added) {
            try (NDArray skip = finestFirst.next()) {
                sums.push(skip.add(more));
            }
        }
        return sums;
    }
}
