package io.latent4j.pipeline.request;

/**
 * What SDXL is told of an image's way into its training data, in pixels (<a
 * href="https://arxiv.org/abs/2307.01952">Podell et al. 2023</a>, section 2.2): large originals were sharp, and what was cut
 * off shows in the composition.
 *
 * @param originalWidth of the image before it was scaled
 * @param originalHeight likewise
 * @param cropLeft what was cut off at the left after scaling
 * @param cropTop at the top
 * @param targetWidth of what is to be made
 * @param targetHeight likewise
 */
public record Sizes(
        int originalWidth, int originalHeight, int cropLeft, int cropTop, int targetWidth, int targetHeight) {

    public Sizes {
        boolean holds = originalWidth > 0
                && originalHeight > 0
                && cropLeft >= 0
                && cropTop >= 0
                && targetWidth > 0
                && targetHeight > 0;
        Checks.check(
                holds,
                "one of the sizes",
                originalWidth + "x" + originalHeight + ", " + cropLeft + "x" + cropTop + " or " + targetWidth + "x"
                        + targetHeight,
                "sizes above 0, and crops of 0 or more");
    }

    /** An image that was neither scaled nor cut. */
    public static Sizes of(int width, int height) {
        return new Sizes(width, height, 0, 0, width, height);
    }
}
