package io.latent4j.service.job;

import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Which part of an image to repaint: see {@link io.latent4j.pipeline.request.Inpainting}.
 *
 * @param image white is repainted
 * @param blur in pixels, 0 to 256
 * @param padding in pixels, 0 to 4096, to work on the masked part alone; empty to work on the whole image
 */
public record MaskFile(Path image, int blur, OptionalInt padding) {
    static final int MOST_BLUR = 256;
    static final int MOST_PADDING = 4096;

    public MaskFile {
        Objects.requireNonNull(image, "image");
        if (blur < 0 || blur > MOST_BLUR) {
            throw new IllegalArgumentException("mask blur is " + blur + "; expected 0 to " + MOST_BLUR);
        }
        if (padding.isPresent() && (padding.getAsInt() < 0 || padding.getAsInt() > MOST_PADDING)) {
            throw new IllegalArgumentException("padding is " + padding.getAsInt() + "; expected 0 to " + MOST_PADDING);
        }
    }
}
