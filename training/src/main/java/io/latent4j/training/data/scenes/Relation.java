package io.latent4j.training.data.scenes;

import java.util.Locale;

/** Where the first figure of a scene is, seen from the second. */
public enum Relation {
    ABOVE,
    BELOW,
    LEFT_OF,
    RIGHT_OF;

    /** The relation as captions say it. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Whether the figures are over each other rather than side by side. */
    public boolean isVertical() {
        return this == ABOVE || this == BELOW;
    }

    /** Whether the first figure is the upper or the left one. */
    boolean firstComesFirst() {
        return this == ABOVE || this == LEFT_OF;
    }

    /** The same places seen from the first figure. */
    public Relation reversed() {
        return switch (this) {
            case ABOVE -> BELOW;
            case BELOW -> ABOVE;
            case LEFT_OF -> RIGHT_OF;
            case RIGHT_OF -> LEFT_OF;
        };
    }
}
