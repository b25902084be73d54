package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How examples become batches.
 *
 * @param batchSize images a batch, 1 or more
 * @param buckets sizes that images are brought to
 * @param crop which part is kept where the shape differs
 * @param flip how often left and right are exchanged, 0 to 1; wrong where captions say left or right
 * @param captionDropout how often the caption is left empty, 0 to 1, which is what classifier-free guidance learns from (<a
 *     href="https://arxiv.org/abs/2207.12598">Ho &amp; Salimans 2022</a>, algorithm 1)
 * @param tags what is done to captions that are said
 * @param seed of the order and of all that is random
 * @param faults what to do about an image that turns out damaged when it is loaded
 */
public record BatchOptions(
        int batchSize,
        Buckets buckets,
        Crop crop,
        double flip,
        double captionDropout,
        Tags tags,
        long seed,
        Faults faults) {

    public BatchOptions {
        checkArgument(batchSize > 0, "batch size is %s; expected 1 or more", batchSize);
        checkArgument(flip >= 0 && flip <= 1, "flip is %s; expected 0 to 1", flip);
        checkArgument(
                captionDropout >= 0 && captionDropout <= 1, "caption dropout is %s; expected 0 to 1", captionDropout);
    }

    /** Batches of one size, cropped in the middle, without flips and dropout, seed 0; damaged images are left out. */
    public static BatchOptions of(int batchSize, int width, int height) {
        return new BatchOptions(
                batchSize, Buckets.single(width, height), Crop.CENTRE, 0, 0, Tags.AS_THEY_ARE, 0, Faults.SKIP);
    }

    /** These options with other sizes. */
    public BatchOptions withBuckets(Buckets buckets) {
        return new BatchOptions(batchSize, buckets, crop, flip, captionDropout, tags, seed, faults);
    }

    /** These options with another crop. */
    public BatchOptions withCrop(Crop crop) {
        return new BatchOptions(batchSize, buckets, crop, flip, captionDropout, tags, seed, faults);
    }

    /** These options with this share of mirrored images. */
    public BatchOptions withFlip(double flip) {
        return new BatchOptions(batchSize, buckets, crop, flip, captionDropout, tags, seed, faults);
    }

    /** These options with this share of empty captions. */
    public BatchOptions withCaptionDropout(double captionDropout) {
        return new BatchOptions(batchSize, buckets, crop, flip, captionDropout, tags, seed, faults);
    }

    /** These options with captions said in this way. */
    public BatchOptions withTags(Tags tags) {
        return new BatchOptions(batchSize, buckets, crop, flip, captionDropout, tags, seed, faults);
    }

    /** These options with another seed. */
    public BatchOptions withSeed(long seed) {
        return new BatchOptions(batchSize, buckets, crop, flip, captionDropout, tags, seed, faults);
    }

    /** These options with damaged images dealt with in this way. */
    public BatchOptions withFaults(Faults faults) {
        return new BatchOptions(batchSize, buckets, crop, flip, captionDropout, tags, seed, faults);
    }
}
