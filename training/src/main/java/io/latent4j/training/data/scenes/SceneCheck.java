package io.latent4j.training.data.scenes;

import java.awt.image.BufferedImage;
import java.util.stream.Stream;

/**
 * What of a caption is right in an image. What the caption does not say counts as right.
 *
 * @param background whether the background has the colour
 * @param count whether there are as many figures
 * @param colour whether each figure has its colour
 * @param shape whether each figure has its shape
 * @param size whether the figure has the size
 * @param relation whether the first figure is where it should be, seen from the second
 * @param seen what the image shows
 */
public record SceneCheck(
        boolean background,
        boolean count,
        boolean colour,
        boolean shape,
        boolean size,
        boolean relation,
        SeenScene seen) {

    /** Compares an image with what it should show. */
    public static SceneCheck of(BufferedImage image, Scene scene) {
        return of(SeenScene.in(image), scene);
    }

    /** Compares what was seen with what should be there. */
    public static SceneCheck of(SeenScene seen, Scene scene) {
        Pairing pairing = Pairing.best(scene, seen.things());
        return new SceneCheck(
                seen.background().filter(b -> b == scene.background()).isPresent(),
                seen.things().size() == scene.things().size(),
                pairing.coloursRight(),
                pairing.shapesRight(),
                pairing.sizesRight(),
                pairing.relationRight(),
                seen);
    }

    /** Whether every fact is right. */
    public boolean allRight() {
        return Stream.of(Fact.values()).allMatch(this::right);
    }

    /** Whether one fact is right. */
    public boolean right(Fact fact) {
        return switch (fact) {
            case BACKGROUND -> background;
            case COUNT -> count;
            case COLOUR -> colour;
            case SHAPE -> shape;
            case SIZE -> size;
            case RELATION -> relation;
        };
    }
}
