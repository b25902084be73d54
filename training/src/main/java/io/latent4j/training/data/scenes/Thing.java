package io.latent4j.training.data.scenes;

import java.util.Optional;

/**
 * One figure of a scene, in its colour.
 *
 * @param size what the caption says of it, if anything
 */
public record Thing(Optional<Size> size, Colour colour, Figure figure) {

    /** A figure of which no size is said. */
    public Thing(Colour colour, Figure figure) {
        this(Optional.empty(), colour, figure);
    }

    /** The figure in words: {@code big red circle}. */
    public String words() {
        return size.map(s -> s.word() + " ").orElse("") + colour.word() + " " + figure.word();
    }
}
