package io.latent4j.training.data.scenes;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import io.latent4j.training.data.Draws;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All scenes of the grammar: 768 of one figure and 64,512 of two. About one in ten is held out of training, chosen by a hash
 * of its caption that never changes. Two captions of the same images, such as {@code a red circle above a blue star} and
 * {@code a blue star below a red circle}, are on the same side.
 */
public final class Scenes {
    private static final int HELD_OUT_OF_10 = 1;

    private Scenes() {}

    /** Which scenes to choose from. */
    public enum Part {
        ALL,
        TRAINING,
        HELD_OUT;

        private boolean has(Scene scene) {
            return this == ALL || isHeldOut(scene) == (this == HELD_OUT);
        }
    }

    /** Whether the scene is kept out of training sets, to measure with. */
    public static boolean isHeldOut(Scene scene) {
        long hash = Hashing.sha256()
                .hashString(scene.normalized().caption(), StandardCharsets.UTF_8)
                .asLong();
        return Long.remainderUnsigned(hash, 10) < HELD_OUT_OF_10;
    }

    /** The scenes of one figure, in an order that never changes. */
    public static List<Scene> ofOne(Part part) {
        ImmutableList.Builder<Scene> scenes = ImmutableList.builder();
        List<Optional<Size>> sizes = Stream.concat(
                        Stream.of(Optional.<Size>empty()),
                        Stream.of(Size.values()).map(Optional::of))
                .toList();
        for (Background background : Background.values()) {
            for (Thing thing : things()) {
                sizes.stream()
                        .map(size -> Scene.of(new Thing(size, thing.colour(), thing.figure()), background))
                        .filter(part::has)
                        .forEach(scenes::add);
            }
        }
        return scenes.build();
    }

    /** The scenes of two figures, in an order that never changes. */
    public static List<Scene> ofTwo(Part part) {
        ImmutableList.Builder<Scene> scenes = ImmutableList.builder();
        List<Thing> things = things();
        for (Background background : Background.values()) {
            for (Relation relation : Relation.values()) {
                for (Thing first : things) {
                    things.stream()
                            .filter(second -> !second.equals(first))
                            .map(second -> Scene.of(first, relation, second, background))
                            .filter(part::has)
                            .forEach(scenes::add);
                }
            }
        }
        return scenes.build();
    }

    private static List<Thing> things() {
        return Arrays.stream(Colour.values())
                .flatMap(colour -> Arrays.stream(Figure.values()).map(figure -> new Thing(colour, figure)))
                .toList();
    }

    /**
     * Draws {@code count} scenes at random and evenly: none comes again before all of its kind came once.
     *
     * @param shareOfTwo which part of them has two figures, 0 to 1
     */
    public static List<Scene> sample(int count, double shareOfTwo, Part part, long seed) {
        checkArgument(count >= 0, "the count is %s; expected 0 or more", count);
        checkArgument(
                shareOfTwo >= 0 && shareOfTwo <= 1, "the share of two figures is %s; expected 0 to 1", shareOfTwo);
        int two = (int) Math.round(count * shareOfTwo);
        List<Scene> scenes = new ArrayList<>(count);
        addEvenly(scenes, two, two == 0 ? List.of() : ofTwo(part), Draws.of(seed, 2));
        addEvenly(scenes, count - two, two == count ? List.of() : ofOne(part), Draws.of(seed, 1));
        return Arrays.stream(Draws.of(seed, 0).order(count))
                .mapToObj(scenes::get)
                .toList();
    }

    private static void addEvenly(List<Scene> scenes, int count, List<Scene> kind, Draws draws) {
        for (int left = count; left > 0; left -= kind.size()) {
            Arrays.stream(draws.order(kind.size()))
                    .limit(left)
                    .mapToObj(kind::get)
                    .forEach(scenes::add);
        }
    }
}
