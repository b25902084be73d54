package io.latent4j.textencoder.t5;

import java.util.stream.IntStream;

/**
 * Which of a few learned numbers is added to the score of two tokens at a distance
 * (<a href="https://arxiv.org/abs/1910.10683">Raffel et al. 2020</a>, section 2.1): short distances have a bucket each,
 * longer ones share buckets that widen with the logarithm, in either direction.
 *
 * @param count of all buckets, half of them for either direction
 * @param maxDistance from which on all distances share the last bucket
 */
public record RelativeBuckets(int count, int maxDistance) {

    /** The bucket of a key's position minus a query's. */
    public int of(int relative) {
        int half = count / 2;
        int exact = half / 2;
        int distance = Math.abs(relative);
        int side = relative > 0 ? half : 0;
        if (distance < exact) {
            return side + distance;
        }
        // In float32 as the model was trained: a better logarithm moves the borders of the buckets.
        float share = (float) Math.log((float) distance / exact) / (float) Math.log((double) maxDistance / exact);
        return side + Math.min(exact + (int) (share * (half - exact)), half - 1);
    }

    /** The buckets of the relative positions 1 − n to n − 1 that n tokens have, in order. */
    public long[] all(int n) {
        return IntStream.range(1 - n, n).mapToLong(this::of).toArray();
    }
}
