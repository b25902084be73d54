package io.latent4j.training.data.scenes;

import java.util.Locale;

/** How large the one figure of a scene is. */
public enum Size {
    SMALL(0.20),
    BIG(0.38);

    private final double radius;

    Size(double radius) {
        this.radius = radius;
    }

    /** From the figure's middle to its edge, as a share of the image's side. */
    double radius() {
        return radius;
    }

    /** The size as captions call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
