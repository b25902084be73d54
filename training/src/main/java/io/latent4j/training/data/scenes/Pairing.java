package io.latent4j.training.data.scenes;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which of the figures that were seen is which of those that a caption names.
 *
 * @param seen one a figure of the scene, in its order; nothing where there are too few
 */
record Pairing(Scene scene, List<Optional<SeenThing>> seen) {

    /** The pairing by which most is right; where it is equal, the one in which places are right. */
    static Pairing best(Scene scene, List<SeenThing> seen) {
        return candidates(scene, seen)
                .max(Comparator.comparingInt(Pairing::rightAttributes).thenComparing(Pairing::relationRight))
                .orElseThrow();
    }

    private static Stream<Pairing> candidates(Scene scene, List<SeenThing> seen) {
        List<Optional<SeenThing>> choices = Stream.concat(
                        seen.stream().map(Optional::of), Stream.of(Optional.<SeenThing>empty()))
                .toList();
        if (scene.things().size() == 1) {
            return Stream.of(new Pairing(scene, List.of(choices.get(0)))); // the largest
        }
        return choices.stream()
                .flatMap(first -> choices.stream()
                        .filter(second -> first.isEmpty() || !first.equals(second))
                        .map(second -> new Pairing(scene, List.of(first, second))));
    }

    /** How many colours and shapes are right, and how many figures there are. */
    private int rightAttributes() {
        int right = 0;
        for (int i = 0; i < seen.size(); i++) {
            right += holds(i, Pairing::colourRight) ? 1 : 0;
            right += holds(i, Pairing::shapeRight) ? 1 : 0;
            right += seen.get(i).isPresent() ? 1 : 0;
        }
        return right;
    }

    boolean coloursRight() {
        return all(Pairing::colourRight);
    }

    boolean shapesRight() {
        return all(Pairing::shapeRight);
    }

    /** Whether no size is said, or it is right. */
    boolean sizesRight() {
        return scene.things().stream().allMatch(thing -> thing.size().isEmpty()) || all(Pairing::sizeRight);
    }

    private boolean all(BiPredicate<Thing, SeenThing> right) {
        return IntStream.range(0, seen.size()).allMatch(i -> holds(i, right));
    }

    private boolean holds(int i, BiPredicate<Thing, SeenThing> right) {
        return seen.get(i)
                .filter(thing -> right.test(scene.things().get(i), thing))
                .isPresent();
    }

    private static boolean colourRight(Thing thing, SeenThing seen) {
        return seen.colour().equals(Optional.of(thing.colour()));
    }

    private static boolean shapeRight(Thing thing, SeenThing seen) {
        return seen.figure().equals(Optional.of(thing.figure()));
    }

    private static boolean sizeRight(Thing thing, SeenThing seen) {
        return thing.size().equals(seen.size());
    }

    /** Whether the scene says no relation, or the two figures stand in it. */
    boolean relationRight() {
        return scene.relation().isEmpty()
                || (seen.stream().allMatch(Optional::isPresent)
                        && relation(seen.get(0).orElseThrow(), seen.get(1).orElseThrow())
                                == scene.relation().get());
    }

    private static Relation relation(SeenThing first, SeenThing second) {
        double dx = second.x() - first.x();
        double dy = second.y() - first.y();
        if (Math.abs(dy) > Math.abs(dx)) {
            return dy > 0 ? Relation.ABOVE : Relation.BELOW;
        }
        return dx > 0 ? Relation.LEFT_OF : Relation.RIGHT_OF;
    }
}
