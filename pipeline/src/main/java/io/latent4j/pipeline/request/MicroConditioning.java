package io.latent4j.pipeline.request;

/**
 * What SDXL is told besides the text.
 *
 * @param sizes of the image to be made
 * @param negativeSizes of what it is to be unlike
 * @param aestheticScore how well people would like the image, 0 to 10 as a rule; the refiner alone asks for it
 * @param negativeAestheticScore of what it is to be unlike
 */
public record MicroConditioning(
        Sizes sizes, Sizes negativeSizes, double aestheticScore, double negativeAestheticScore) {
    private static final double SCORE = 6;
    private static final double NEGATIVE_SCORE = 2.5;

    /** These sizes, and scores of 6 and 2.5. */
    public MicroConditioning(Sizes sizes, Sizes negativeSizes) {
        this(sizes, negativeSizes, SCORE, NEGATIVE_SCORE);
    }

    /** An image that was neither scaled nor cut. */
    public static MicroConditioning of(int width, int height) {
        return new MicroConditioning(Sizes.of(width, height), Sizes.of(width, height));
    }

    /** The numbers of the positive or negative side that a UNet of {@code count} takes, 6 or the refiner's 5. */
    public float[] numbers(boolean negative, int count) {
        Sizes s = negative ? negativeSizes : sizes;
        float score = (float) (negative ? negativeAestheticScore : aestheticScore);
        return count == 5
                ? new float[] {s.originalHeight(), s.originalWidth(), s.cropTop(), s.cropLeft(), score}
                : new float[] {
                    s.originalHeight(), s.originalWidth(), s.cropTop(), s.cropLeft(), s.targetHeight(), s.targetWidth()
                };
    }
}
