package io.latent4j.pipeline.request;

import java.util.OptionalInt;

/**
 * The size of the images in pixels. A side that is left open is that of the image to start from, or else of the first
 * control image, or else the model's default.
 *
 * @param width a multiple of the model's, 8 in Stable Diffusion, at most 16384
 * @param height likewise
 */
public record ImageSize(OptionalInt width, OptionalInt height) {
    /** The most pixels of a side. */
    public static final int MOST_PIXELS = 16_384;

    /** Both sides left open. */
    public static final ImageSize DEFAULT = new ImageSize(OptionalInt.empty(), OptionalInt.empty());

    public ImageSize {
        width.ifPresent(w -> Checks.check(w > 0 && w <= MOST_PIXELS, "width", w, "1 to " + MOST_PIXELS));
        height.ifPresent(h -> Checks.check(h > 0 && h <= MOST_PIXELS, "height", h, "1 to " + MOST_PIXELS));
    }

    /** Of both sides. */
    public static ImageSize of(int width, int height) {
        return new ImageSize(OptionalInt.of(width), OptionalInt.of(height));
    }
}
