package io.latent4j.pipeline.request;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How many images, and their noise.
 *
 * @param seed of the first image, 64 bits that are read as unsigned; image i has seed + i, unless there is a variation. A
 *     random one if empty, which each {@code GeneratedImage} reports
 * @param variation towards the noise of which other seed; empty for none
 * @param count how many images, 1 to 10000
 * @param batchSize how many of them go through the network together; each image depends on its own seed only. Rounding
 *     may differ between batch sizes by one level of 255
 */
public record Batch(OptionalLong seed, Optional<Variation> variation, int count, int batchSize) {
    private static final int MOST_IMAGES = 10_000;
    private static final long RANDOM_SEEDS = 1L << 32; // as many as other tools have

    /** One image of a random seed. */
    public static final Batch ONE = new Batch(OptionalLong.empty(), Optional.empty(), 1, 1);

    public Batch {
        Objects.requireNonNull(seed, "seed");
        Objects.requireNonNull(variation, "variation");
        Checks.check(count > 0 && count <= MOST_IMAGES, "count", count, "1 to " + MOST_IMAGES);
        Checks.check(batchSize > 0, "batch size", batchSize, "1 or more");
    }

    /** This with this seed. */
    public Batch withSeed(long seed) {
        return new Batch(OptionalLong.of(seed), variation, count, batchSize);
    }

    /** This with a seed: its own, or a random one below 2^32. */
    public Batch seeded() {
        return seed.isPresent() ? this : withSeed(ThreadLocalRandom.current().nextLong(RANDOM_SEEDS));
    }

    /** This on the way to the noise of other seeds. */
    public Batch withVariation(Variation variation) {
        return new Batch(seed, Optional.of(variation), count, batchSize);
    }

    /** This with another number of images. */
    public Batch withCount(int count) {
        return new Batch(seed, variation, count, batchSize);
    }

    /** This with another number of images at a time. */
    public Batch withBatchSize(int batchSize) {
        return new Batch(seed, variation, count, batchSize);
    }

    /**
     * The seed of image {@code i}, unsigned.
     *
     * @throws IllegalStateException if there is none: see {@link #seeded}
     */
    public long seed(int i) {
        long first = seed.orElseThrow(() -> new IllegalStateException("the batch has no seed yet; expected seeded()"));
        return variation.isPresent() ? first : first + i;
    }

    /** Images {@code first} to {@code first + images - 1} of this as a batch of their own. */
    public Batch part(int first, int images) {
        Batch part = seeded();
        part = part.withSeed(part.seed(first)).withCount(images);
        return variation.isPresent()
                ? part.withVariation(new Variation(
                        variation.get().seed() + first, variation.get().strength()))
                : part;
    }
}
