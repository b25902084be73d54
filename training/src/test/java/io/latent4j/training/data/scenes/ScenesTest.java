package io.latent4j.training.data.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScenesTest {

    @Test
    void listsTheWholeGrammarOnce() {
        List<Scene> one = Scenes.ofOne(Scenes.Part.ALL);
        List<Scene> two = Scenes.ofTwo(Scenes.Part.ALL);

        assertThat(one).hasSize(3 * 8 * 8 * 4).doesNotHaveDuplicates();
        assertThat(two).hasSize(4 * (64 * 64 - 64) * 4);
        assertThat(new HashSet<>(two)).hasSize(two.size());
    }

    @Test
    void holdsOutATenth() {
        assertThat(Scenes.ofOne(Scenes.Part.HELD_OUT)).hasSizeBetween(60, 95);
        assertThat(Scenes.ofTwo(Scenes.Part.HELD_OUT)).hasSizeBetween(6_200, 6_700);
        assertThat(Scenes.ofOne(Scenes.Part.HELD_OUT)).doesNotContainAnyElementsOf(Scenes.ofOne(Scenes.Part.TRAINING));
        assertThat(Scenes.ofOne(Scenes.Part.HELD_OUT).size()
                        + Scenes.ofOne(Scenes.Part.TRAINING).size())
                .isEqualTo(768);
    }

    @Test
    void neverChangesWhatIsHeldOut() {
        assertThat(Scenes.ofOne(Scenes.Part.HELD_OUT).subList(0, 3))
                .extracting(Scene::caption)
                .containsExactly(
                        "a small red circle on a white background",
                        "a big red cross on a white background",
                        "a small green star on a white background");
    }

    @Test
    void holdsOutBothCaptionsOfTheSameImages() {
        for (Scene scene : Scenes.ofTwo(Scenes.Part.HELD_OUT)) {
            Scene other = Scene.of(
                    scene.things().get(1),
                    scene.relation().orElseThrow().reversed(),
                    scene.things().get(0),
                    scene.background());
            assertThat(Scenes.isHeldOut(other)).isTrue();
        }
    }

    @Test
    void trainsWithEveryWordInEveryPlace() {
        List<Scene> training = Scenes.ofOne(Scenes.Part.TRAINING);
        for (Background background : Background.values()) {
            for (Colour colour : Colour.values()) {
                assertThat(training)
                        .anyMatch(s -> s.background() == background
                                && s.things().get(0).colour() == colour);
            }
            for (Figure figure : Figure.values()) {
                assertThat(training)
                        .anyMatch(s -> s.background() == background
                                && s.things().get(0).figure() == figure);
            }
        }
    }

    @Test
    void drawsNoHeldOutCaption() {
        List<Scene> sample = Scenes.sample(10_000, 0.7, Scenes.Part.TRAINING, 1);

        assertThat(sample).hasSize(10_000).noneMatch(Scenes::isHeldOut);
        assertThat(Scenes.sample(500, 0.5, Scenes.Part.HELD_OUT, 1)).allMatch(Scenes::isHeldOut);
    }

    @Test
    void drawsEvenly() {
        List<Scene> sample = Scenes.sample(10_000, 0.7, Scenes.Part.TRAINING, 1);

        Set<Scene> two = new HashSet<>(
                sample.stream().filter(s -> s.things().size() == 2).toList());
        assertThat(two).hasSize(7_000);
        Map<Scene, Long> one = sample.stream()
                .filter(s -> s.things().size() == 1)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        int all = Scenes.ofOne(Scenes.Part.TRAINING).size();
        assertThat(one).hasSize(all);
        assertThat(one.values()).allSatisfy(n -> assertThat(n).isBetween(3_000L / all, 3_000L / all + 1));
        assertThat(sample.subList(0, 1000).stream().filter(s -> s.things().size() == 2))
                .hasSizeBetween(640, 760);
        for (Colour colour : Colour.values()) {
            assertThat(two.stream().filter(s -> s.things().get(0).colour() == colour))
                    .hasSizeBetween(750, 1_000);
        }
    }

    @Test
    void drawsTheSameForTheSameSeed() {
        assertThat(Scenes.sample(100, 0.7, Scenes.Part.TRAINING, 5))
                .isEqualTo(Scenes.sample(100, 0.7, Scenes.Part.TRAINING, 5))
                .isNotEqualTo(Scenes.sample(100, 0.7, Scenes.Part.TRAINING, 6));
    }

    @Test
    void drawsOneKindOnlyIfAsked() {
        assertThat(Scenes.sample(50, 0, Scenes.Part.ALL, 0))
                .allMatch(s -> s.relation().isEmpty());
        assertThat(Scenes.sample(50, 1, Scenes.Part.ALL, 0))
                .allMatch(s -> s.relation().isPresent());
        assertThat(Scenes.sample(0, 1, Scenes.Part.ALL, 0)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scenes.sample(1, 1.1, Scenes.Part.ALL, 0))
                .withMessageContaining("share of two figures is 1.1");
    }
}
