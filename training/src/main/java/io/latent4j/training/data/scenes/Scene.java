package io.latent4j.training.data.scenes;

import static com.google.common.base.Preconditions.checkArgument;

import io.latent4j.training.data.Draws;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;

/**
 * What a caption says: one figure, or two and where the first is, on a background.
 *
 * <p>Captions are {@code a [big|small] COLOUR SHAPE on a BACKGROUND background} and {@code a COLOUR SHAPE (above|below|left
 * of|right of) a COLOUR SHAPE on a BACKGROUND background}. The two figures of a scene differ in colour, in shape or in
 * both; with equal ones, either could be the first.
 *
 * @param things one or two; of two no size is said
 * @param relation where the first of two is
 */
public record Scene(Background background, List<Thing> things, Optional<Relation> relation) {

    public Scene {
        things = List.copyOf(things);
        checkArgument(things.size() == 1 || things.size() == 2, "%s figures; expected one or two", things.size());
        checkArgument(
                relation.isPresent() == (things.size() == 2),
                "a relation belongs to two figures; found %s and %s figures",
                relation,
                things.size());
        if (things.size() == 2) {
            checkArgument(!things.get(0).equals(things.get(1)), "twice a %s; expected two that differ", things.get(0));
            checkArgument(
                    things.stream().allMatch(thing -> thing.size().isEmpty()),
                    "a size of one of two figures; expected none");
        }
    }

    /** One figure. */
    public static Scene of(Thing thing, Background background) {
        return new Scene(background, List.of(thing), Optional.empty());
    }

    /** Two figures. */
    public static Scene of(Thing first, Relation relation, Thing second, Background background) {
        return new Scene(background, List.of(first, second), Optional.of(relation));
    }

    /**
     * Reads a caption; {@code an} for {@code a}, other spaces and capitals are let pass.
     *
     * @throws IllegalArgumentException if it is not of the grammar, saying where
     */
    public static Scene parse(String caption) {
        return new CaptionParser(caption).scene();
    }

    /** The scene in words. */
    public String caption() {
        StringBuilder caption = new StringBuilder("a ").append(things.get(0).words());
        relation.ifPresent(where -> caption.append(' ')
                .append(where.words())
                .append(" a ")
                .append(things.get(1).words()));
        return caption.append(" on a ")
                .append(background.word())
                .append(" background")
                .toString();
    }

    /**
     * The scene in a form that it shares with the one of the same images: the first figure is the upper or the left one.
     */
    Scene normalized() {
        return relation.filter(where -> !where.firstComesFirst())
                .map(where -> of(things.get(1), where.reversed(), things.get(0), background))
                .orElse(this);
    }

    /**
     * Draws the scene.
     *
     * @param side of the image, in pixels
     * @param draws where the figures' places come from, and their size where the caption says none
     */
    public BufferedImage draw(int side, Draws draws) {
        return ScenePainter.paint(this, side, draws);
    }

    @Override
    public String toString() {
        return caption();
    }
}
