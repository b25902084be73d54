package io.latent4j.training;

import io.latent4j.training.data.Draws;

/** Which examples a batch has: every epoch all of them once, in an order of its own. A function of the batch's number. */
final class EpochOrder {
    private final long seed;
    private final int size;
    private long epoch = -1;
    private int[] order = new int[0];

    EpochOrder(long seed, int size) {
        this.seed = seed;
        this.size = size;
    }

    /** The {@code count} examples of batch {@code batch}; the first is 0. */
    int[] batch(long batch, int count) {
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            long place = batch * count + i;
            indices[i] = order(place / size)[(int) (place % size)];
        }
        return indices;
    }

    private int[] order(long wanted) {
        if (wanted != epoch) {
            order = Draws.of(seed, wanted).order(size);
            epoch = wanted;
        }
        return order;
    }
}
