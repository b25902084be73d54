package io.latent4j.training.data.scenes;

import java.util.Locale;
import java.util.Optional;

/**
 * A figure as it was found in an image.
 *
 * @param colour nothing if it is of no colour of the palette, or of several
 * @param figure nothing if none fits well
 * @param size nothing if it is neither small nor big
 * @param x of the middle, as a share of the image's width
 * @param y of the middle, as a share of its height
 * @param radius as a share of the image's side
 */
public record SeenThing(
        Optional<Colour> colour, Optional<Figure> figure, Optional<Size> size, double x, double y, double radius) {

    /** The figure in words: {@code small red circle at 50% 26%}. */
    public String words() {
        return String.format(
                Locale.ROOT,
                "%s%s %s at %.0f%% %.0f%%",
                size.map(s -> s.word() + " ").orElse(""),
                colour.map(Colour::word).orElse("mixed-coloured"),
                figure.map(Figure::word).orElse("thing"),
                100 * x,
                100 * y);
    }
}
