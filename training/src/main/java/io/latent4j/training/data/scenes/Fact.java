package io.latent4j.training.data.scenes;

import java.util.Locale;

/** One of the things that a caption says. */
public enum Fact {
    BACKGROUND,
    COUNT,
    COLOUR,
    SHAPE,
    SIZE,
    RELATION;

    /** The fact in a word. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the caption of {@code scene} says it: size and relation are not always said. */
    public boolean isSaidBy(Scene scene) {
        return switch (this) {
            case SIZE -> scene.things().get(0).size().isPresent();
            case RELATION -> scene.relation().isPresent();
            default -> true;
        };
    }
}
