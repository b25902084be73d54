package io.latent4j.training.data.scenes;

import java.awt.Color;
import java.util.Locale;

/** What a scene's figures lie on: one colour all over. */
public enum Background {
    WHITE(250, 250, 250),
    BLACK(15, 15, 15),
    GRAY(128, 128, 128),
    BROWN(110, 70, 40);

    private final Color color;

    Background(int red, int green, int blue) {
        color = new Color(red, green, blue);
    }

    Color color() {
        return color;
    }

    /** The background as captions call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
