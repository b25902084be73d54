package io.latent4j.training.data.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.training.data.Draws;
import io.latent4j.training.data.Planes;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneCheckTest {

    @ParameterizedTest
    @CsvSource({"64, 2500", "128, 200"})
    void findsEverythingRightInWhatWasDrawn(int side, int two) {
        List<Scene> scenes = new ArrayList<>(Scenes.ofOne(Scenes.Part.ALL));
        scenes.addAll(Scenes.sample(two, 1, Scenes.Part.ALL, side));

        assertThat(wrong(scenes, side, UnaryOperator.identity())).isEmpty();
    }

    @Test
    void bearsWithSoftNoisyImagesOfSlightlyOtherColours() {
        List<Scene> scenes = Scenes.sample(1200, 0.5, Scenes.Part.ALL, 2);

        assertThat(wrong(scenes, 64, image -> noisy(blurred(image, 2), 8, 10))).isEmpty();
    }

    @Test
    void bearsWithImagesThatLostHalfTheirDetail() {
        List<Scene> scenes = Scenes.sample(600, 0.5, Scenes.Part.ALL, 3);

        assertThat(wrong(
                        scenes,
                        64,
                        image ->
                                Planes.of(image).resized(32, 32).resized(64, 64).image()))
                .isEmpty();
    }

    private static List<String> wrong(List<Scene> scenes, int side, UnaryOperator<BufferedImage> change) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < scenes.size(); i++) {
            Scene scene = scenes.get(i);
            SceneCheck check = SceneCheck.of(change.apply(scene.draw(side, Draws.of(side, i))), scene);
            if (!check.allRight()) {
                wrong.add(scene + ": " + check.seen().words());
            }
        }
        return wrong;
    }

    @Test
    void findsTheOneFactThatIsWrong() {
        int compared = 0;
        List<Scene> scenes = Scenes.sample(300, 0.6, Scenes.Part.ALL, 4);
        for (int i = 0; i < scenes.size(); i++) {
            Scene scene = scenes.get(i);
            SeenScene seen = SeenScene.in(scene.draw(64, Draws.of(5, i)));
            for (Fact fact : Fact.values()) {
                for (Scene other : differingIn(fact, scene)) {
                    SceneCheck check = SceneCheck.of(seen, other);
                    assertThat(check.right(fact)).as(scene + " as " + other).isFalse();
                    assertThat(Stream.of(Fact.values())
                                    .filter(f -> f != fact)
                                    .filter(f -> fact != Fact.COUNT || f == Fact.BACKGROUND))
                            .as(scene + " as " + other)
                            .allMatch(check::right);
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(300 * 20);
    }

    /** The scenes that say just one fact otherwise; of two figures, one is left where the count differs. */
    private static List<Scene> differingIn(Fact fact, Scene scene) {
        List<Scene> others = new ArrayList<>();
        for (int i = 0; i < scene.things().size(); i++) {
            Thing thing = scene.things().get(i);
            switch (fact) {
                case BACKGROUND ->
                    Stream.of(Background.values())
                            .map(b -> new Scene(b, scene.things(), scene.relation()))
                            .forEach(others::add);
                case COUNT -> {
                    if (scene.things().size() == 2) {
                        others.add(Scene.of(thing, scene.background()));
                    } else if (thing.size().isEmpty()) {
                        Thing another = new Thing(Colour.CYAN, Figure.CROSS);
                        if (!another.equals(thing)) {
                            others.add(Scene.of(thing, Relation.ABOVE, another, scene.background()));
                        }
                    }
                }
                case COLOUR -> {
                    for (Colour colour : Colour.values()) {
                        replaced(scene, i, new Thing(thing.size(), colour, thing.figure()), others);
                    }
                }
                case SHAPE -> {
                    for (Figure figure : Figure.values()) {
                        replaced(scene, i, new Thing(thing.size(), thing.colour(), figure), others);
                    }
                }
                case SIZE ->
                    thing.size()
                            .map(size -> size == Size.BIG ? Size.SMALL : Size.BIG)
                            .ifPresent(size -> replaced(
                                    scene, 0, new Thing(Optional.of(size), thing.colour(), thing.figure()), others));
                case RELATION ->
                    scene.relation()
                            .ifPresent(relation -> Stream.of(Relation.values())
                                    .map(r -> new Scene(scene.background(), scene.things(), Optional.of(r)))
                                    .forEach(others::add));
            }
        }
        others.removeIf(scene::equals);
        return others;
    }

    private static void replaced(Scene scene, int index, Thing thing, List<Scene> others) {
        List<Thing> things = new ArrayList<>(scene.things());
        things.set(index, thing);
        if (things.stream().distinct().count() == things.size()) {
            others.add(new Scene(scene.background(), things, scene.relation()));
        }
    }

    @Test
    void findsNothingRightInNothing() {
        Scene scene = Scene.parse("a big red circle on a white background");
        BufferedImage empty = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);

        SceneCheck check = SceneCheck.of(empty, scene);

        assertThat(Fact.values()).filteredOn(check::right).containsExactly(Fact.RELATION); // which it does not say
        assertThat(check.seen().words()).isEqualTo("nothing on a black background");
    }

    @Test
    void seesAThingThatShouldNotBeThere() {
        Scene scene = Scene.parse("a small red circle on a white background");
        BufferedImage image = scene.draw(64, Draws.of(1));
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.BLUE);
        graphics.fillRect(2, 2, 3, 3);
        assertThat(SceneCheck.of(image, scene).allRight()).isTrue(); // a speck

        graphics.fillRect(2, 2, 9, 9);

        SceneCheck check = SceneCheck.of(image, scene);
        assertThat(check.count()).isFalse();
        assertThat(check.colour() && check.shape() && check.size()).isTrue();
    }

    @Test
    void seesAThingOfTwoColoursAsOfNone() {
        Scene scene = Scene.parse("a big red square on a white background");
        BufferedImage image = scene.draw(64, Draws.of(1));
        for (int y = 32; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                if ((image.getRGB(x, y) & 0xff) < 100) {
                    image.setRGB(x, y, Color.BLUE.getRGB());
                }
            }
        }

        SceneCheck check = SceneCheck.of(image, scene);

        assertThat(check.colour()).isFalse();
        assertThat(check.shape() && check.count() && check.size()).isTrue();
        assertThat(check.seen().words()).startsWith("a big mixed-coloured square at ");
    }

    @Test
    void seesAThingOfMiddlingSizeAsNeitherSmallNorBig() {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillOval(15, 15, 34, 34); // radius 27%

        SeenScene seen = SeenScene.in(image);

        assertThat(seen.things()).hasSize(1);
        assertThat(seen.things().get(0).size()).isEmpty();
        assertThat(seen.things().get(0).figure()).contains(Figure.CIRCLE);
    }

    @Test
    void seesTwoThingsThatTouch() {
        Scene scene = Scene.parse("a green ring left of a pink circle on a black background");
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Colour.GREEN.color());
        graphics.fill(Outline.of(Figure.RING, 18, 32, 14));
        graphics.setColor(Colour.PINK.color());
        graphics.fill(Outline.of(Figure.CIRCLE, 46, 32, 14));

        assertThat(SceneCheck.of(blurred(image, 1), scene).count()).isTrue();
        assertThat(SceneCheck.of(blurred(image, 1), scene).allRight()).isTrue();
    }

    @Test
    void seesNoFigureInSomethingElse() {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillRect(8, 8, 40, 9);
        graphics.fillRect(8, 8, 9, 40);

        SeenScene seen = SeenScene.in(image);

        assertThat(seen.things()).hasSize(1);
        assertThat(seen.things().get(0).figure()).isEmpty();
    }

    /** Smoothed over 3x3 pixels so many times. */
    private static BufferedImage blurred(BufferedImage image, int times) {
        Kernel kernel = new Kernel(
                3, 3, new float[] {1 / 16f, 1 / 8f, 1 / 16f, 1 / 8f, 1 / 4f, 1 / 8f, 1 / 16f, 1 / 8f, 1 / 16f});
        BufferedImage result = image;
        for (int i = 0; i < times; i++) {
            result = new ConvolveOp(kernel, ConvolveOp.EDGE_NO_OP, null).filter(result, null);
        }
        return result;
    }

    /** With noise of this deviation, and each channel lighter or darker by {@code shift}. */
    private static BufferedImage noisy(BufferedImage image, double deviation, int shift) {
        BufferedImage result = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        Draws draws = Draws.of(image.getRGB(30, 30), image.getRGB(15, 30), image.getRGB(30, 15));
        int[] shifts = Stream.generate(() -> draws.below(2) == 0 ? shift : -shift)
                .limit(3)
                .mapToInt(Integer::intValue)
                .toArray();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    double noise = deviation * Math.sqrt(12 / 4.0) * (sum(draws) - 2);
                    int level = (image.getRGB(x, y) >> (16 - 8 * c)) & 255;
                    rgb = rgb << 8 | (int) Math.min(255, Math.max(0, level + shifts[c] + noise));
                }
                result.setRGB(x, y, rgb);
            }
        }
        return result;
    }

    /** Of four uniform numbers: about normal around 2, variance 1/3. */
    private static double sum(Draws draws) {
        return draws.uniform() + draws.uniform() + draws.uniform() + draws.uniform();
    }
}
