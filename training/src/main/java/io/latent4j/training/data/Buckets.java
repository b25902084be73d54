package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The sizes that images are brought to. An image goes to the one whose shape is most like its own, so that little is cut
 * off; a batch is of one size.
 *
 * @param sizes one or more that differ
 */
public record Buckets(List<ImageSize> sizes) {
    private static final int LARGE = 256;
    private static final int LARGE_STEP = 64;
    private static final int SMALL_STEP = 8;
    private static final double USUAL_RATIO = 2;

    public Buckets {
        sizes = ImmutableList.copyOf(sizes);
        checkArgument(!sizes.isEmpty(), "there are no sizes; expected one or more");
        checkArgument(sizes.stream().distinct().count() == sizes.size(), "a size is there twice: %s", sizes);
    }

    /** One size for all. */
    public static Buckets single(int width, int height) {
        return new Buckets(List.of(new ImageSize(width, height)));
    }

    /** Sizes of about {@code side}² pixels up to twice as long as wide, in steps of 64 pixels, or of 8 below side 256. */
    public static Buckets ofArea(int side) {
        return ofArea(side, side >= LARGE ? LARGE_STEP : SMALL_STEP, USUAL_RATIO);
    }

    /**
     * Sizes of at most {@code side}² pixels, as many as fit.
     *
     * @param side of the square one, a multiple of {@code step}
     * @param step that every width and height is a multiple of
     * @param mostRatio of the longer to the shorter side, 1 or more
     */
    public static Buckets ofArea(int side, int step, double mostRatio) {
        checkArgument(
                step > 0 && side >= step && side % step == 0, "side is %s; expected a multiple of %s", side, step);
        checkArgument(mostRatio >= 1 && mostRatio <= side, "the ratio is %s; expected 1 or more", mostRatio);
        TreeSet<ImageSize> sizes = new TreeSet<>(Comparator.comparingDouble(ImageSize::ratio));
        for (int shorter = step; shorter <= side; shorter += step) {
            int longer = (int) ((long) side * side / shorter) / step * step;
            if (longer <= mostRatio * shorter) {
                sizes.add(new ImageSize(shorter, longer));
                sizes.add(new ImageSize(longer, shorter));
            }
        }
        return new Buckets(ImmutableList.copyOf(sizes));
    }

    /** The index of the size for an image: that of the nearest ratio, by the factor between the two. */
    public int nearest(int width, int height) {
        double ratio = Math.log(new ImageSize(width, height).ratio());
        int nearest = 0;
        for (int i = 1; i < sizes.size(); i++) {
            if (distance(i, ratio) < distance(nearest, ratio)) {
                nearest = i;
            }
        }
        return nearest;
    }

    private double distance(int index, double logRatio) {
        return Math.abs(Math.log(sizes.get(index).ratio()) - logRatio);
    }
}
