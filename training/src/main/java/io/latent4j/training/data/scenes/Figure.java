package io.latent4j.training.data.scenes;

import java.util.Locale;

/** A shape, whatever its size, place and colour. */
public enum Figure {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    STAR,
    RING,
    CROSS,
    HEART,
    DIAMOND;

    /** The figure as captions call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
