package io.latent4j.pipeline.request;

import java.awt.image.BufferedImage;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Which part of a request's image to repaint; the pixels of the rest stay as they are.
 *
 * @param mask of the image's size: white is repainted and black kept; transparent parts count as black
 * @param blur how softly the two meet: the standard deviation of a Gaussian blur of the mask, in pixels, 0 to 256
 * @param padding to work on the masked part alone, at the size of the request, with this many pixels around it; empty to
 *     work on the whole image
 */
public record Inpainting(BufferedImage mask, int blur, OptionalInt padding) {
    private static final int MOST_BLUR = 256;
    private static final int MOST_PADDING = 4096;

    public Inpainting {
        Objects.requireNonNull(mask, "mask");
        Checks.check(blur >= 0 && blur <= MOST_BLUR, "mask blur", blur, "0 to " + MOST_BLUR);
        padding.ifPresent(p -> Checks.check(p >= 0 && p <= MOST_PADDING, "padding", p, "0 to " + MOST_PADDING));
    }

    /** Repaints what is white in {@code mask}, with a hard edge, looking at the whole image. */
    public Inpainting(BufferedImage mask) {
        this(mask, 0, OptionalInt.empty());
    }

    /** The same with this blur. */
    public Inpainting withBlur(int blur) {
        return new Inpainting(mask, blur, padding);
    }

    /** The same on the masked part alone, with this many pixels around it. */
    public Inpainting onlyMasked(int padding) {
        return new Inpainting(mask, blur, OptionalInt.of(padding));
    }
}
