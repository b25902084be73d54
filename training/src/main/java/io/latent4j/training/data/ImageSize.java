package io.latent4j.training.data;

import static com.google.common.base.Preconditions.checkArgument;

/** Width and height in pixels. */
public record ImageSize(int width, int height) {

    public ImageSize {
        checkArgument(width > 0 && height > 0, "the size is %sx%s; expected 1x1 or more", width, height);
    }

    /** Width over height. */
    double ratio() {
        return (double) width / height;
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
