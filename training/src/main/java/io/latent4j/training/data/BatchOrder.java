package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which examples are in which batch: a function of the seed and the step alone, so that a run that goes on at step n sees
 * what it would have seen.
 *
 * <p>In an epoch every bucket is gone through in random order, in whole batches; the few examples that are left over are
 * others in the next epoch. A bucket that has less than a batch gives one batch an epoch, in which examples come again.
 */
public final class BatchOrder {
    private static final int BATCHES = -1; // of the streams of an epoch; the others are the buckets'

    private final long seed;
    private final int batchSize;
    private final List<int[]> buckets; // the examples of each
    private final int perEpoch;
    private volatile Epoch latest; // a memory, which changes no result

    /**
     * @param bucketOf the bucket of each example, from 0
     * @throws IllegalArgumentException if there are no examples
     */
    public BatchOrder(long seed, int batchSize, List<Integer> bucketOf) {
        checkArgument(batchSize > 0, "batch size is %s; expected 1 or more", batchSize);
        checkArgument(!bucketOf.isEmpty(), "there are no examples; expected one or more");
        this.seed = seed;
        this.batchSize = batchSize;
        int count = bucketOf.stream().mapToInt(Integer::intValue).max().orElseThrow() + 1;
        this.buckets = IntStream.range(0, count)
                .mapToObj(bucket -> IntStream.range(0, bucketOf.size())
                        .filter(i -> bucketOf.get(i) == bucket)
                        .toArray())
                .toList();
        this.perEpoch = buckets.stream().mapToInt(this::batches).sum();
        this.latest = new Epoch(0);
    }

    private int batches(int[] bucket) {
        return bucket.length == 0 ? 0 : Math.max(1, bucket.length / batchSize);
    }

    /** How many batches an epoch has. */
    public int perEpoch() {
        return perEpoch;
    }

    /** The buckets that have examples, but less than a batch. */
    public List<Integer> smallBuckets() {
        return IntStream.range(0, buckets.size())
                .filter(i -> buckets.get(i).length > 0 && buckets.get(i).length < batchSize)
                .boxed()
                .toList();
    }

    /** How many examples a bucket has. */
    public int size(int bucket) {
        return buckets.get(bucket).length;
    }

    /**
     * A batch's examples.
     *
     * @param examples their indices; one comes again where the bucket has less than a batch
     */
    public record Slots(long epoch, int bucket, List<Integer> examples) {}

    /**
     * The examples of one batch.
     *
     * @param step from 0; {@code step / perEpoch()} is the epoch
     */
    public Slots batch(long step) {
        checkArgument(step >= 0, "the step is %s; expected 0 or more", step);
        Epoch epoch = latest;
        if (epoch.number != step / perEpoch) {
            epoch = new Epoch(step / perEpoch);
            latest = epoch;
        }
        return epoch.batch((int) (step % perEpoch));
    }

    /** The example after {@code example} in its bucket, by index; the first after the last. */
    int following(int example, int bucket) {
        int[] all = buckets.get(bucket);
        return IntStream.of(all).filter(i -> i > example).findFirst().orElse(all[0]);
    }

    /** One epoch's order. */
    private final class Epoch {
        private final long number;
        private final List<int[]> orders = new ArrayList<>(); // of the examples of each bucket
        private final List<Integer> bucketOfBatch = new ArrayList<>();
        private final List<Integer> placeOfBatch = new ArrayList<>(); // in its bucket
        private final int[] order; // of the batches

        Epoch(long number) {
            this.number = number;
            for (int bucket = 0; bucket < buckets.size(); bucket++) {
                orders.add(Draws.of(seed, number, bucket).order(buckets.get(bucket).length));
                for (int i = 0; i < batches(buckets.get(bucket)); i++) {
                    bucketOfBatch.add(bucket);
                    placeOfBatch.add(i);
                }
            }
            order = Draws.of(seed, number, BATCHES).order(perEpoch);
        }

        Slots batch(int index) {
            int bucket = bucketOfBatch.get(order[index]);
            int first = placeOfBatch.get(order[index]) * batchSize;
            int[] all = buckets.get(bucket);
            int[] shuffled = orders.get(bucket);
            return new Slots(
                    number,
                    bucket,
                    IntStream.range(first, first + batchSize)
                            .mapToObj(i -> all[shuffled[i % all.length]])
                            .collect(ImmutableList.toImmutableList()));
        }
    }
}
