package io.latent4j.training.data.scenes;

import java.awt.Color;
import java.util.Locale;

/** What a figure is filled with. */
public enum Colour {
    RED(220, 40, 40),
    GREEN(40, 170, 60),
    BLUE(50, 80, 220),
    YELLOW(240, 210, 40),
    ORANGE(245, 140, 30),
    PURPLE(140, 60, 190),
    CYAN(60, 200, 220),
    PINK(245, 130, 180);

    private final Color color;

    Colour(int red, int green, int blue) {
        color = new Color(red, green, blue);
    }

    Color color() {
        return color;
    }

    /** The colour as captions call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
