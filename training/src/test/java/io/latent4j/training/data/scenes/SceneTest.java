package io.latent4j.training.data.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.latent4j.training.data.Draws;
import java.awt.image.BufferedImage;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneTest {

    @Test
    void saysItsCaption() {
        Thing star = new Thing(Optional.of(Size.BIG), Colour.YELLOW, Figure.STAR);
        Thing circle = new Thing(Colour.RED, Figure.CIRCLE);
        Thing square = new Thing(Colour.BLUE, Figure.SQUARE);

        assertThat(Scene.of(star, Background.BLACK).caption()).isEqualTo("a big yellow star on a black background");
        assertThat(Scene.of(circle, Background.BROWN).caption()).isEqualTo("a red circle on a brown background");
        assertThat(Scene.of(circle, Relation.LEFT_OF, square, Background.GRAY).caption())
                .isEqualTo("a red circle left of a blue square on a gray background");
    }

    @Test
    void readsEveryCaptionOfTheGrammar() {
        assertThat(Stream.concat(Scenes.ofOne(Scenes.Part.ALL).stream(), Scenes.ofTwo(Scenes.Part.ALL).stream())
                        .filter(scene -> !Scene.parse(scene.caption()).equals(scene)))
                .isEmpty();
        assertThat(Scene.parse(" An  Orange ring\nright of a pink heart on a WHITE background")
                        .caption())
                .isEqualTo("a orange ring right of a pink heart on a white background");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | found \"\" as word 1; expected a",
                "a circle on a white background | found \"circle\" as word 2; expected red, green",
                "a red on a white background | found \"on\" as word 3; expected circle, square",
                "a red circle | found its end; expected on, above, below, left of, right of",
                "a red circle left a blue star on a white background | found \"a\" as word 5; expected of",
                "a red circle on a pink background | found \"pink\" as word 6; expected white, black",
                "a red circle on a white background today | found \"today\" as word 8; expected nothing more",
                "a red circle above a red circle on a white background | neither differs",
                "a big red circle above a red star on a white background | a size is said"
            })
    void saysWhereACaptionIsNotOfTheGrammar(String caption, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scene.parse(caption))
                .withMessageContaining(message);
    }

    @Test
    void refusesWhatNoCaptionSays() {
        Thing circle = new Thing(Colour.RED, Figure.CIRCLE);
        Thing big = new Thing(Optional.of(Size.BIG), Colour.RED, Figure.STAR);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scene.of(circle, Relation.ABOVE, circle, Background.GRAY))
                .withMessageContaining("expected two that differ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scene.of(circle, Relation.ABOVE, big, Background.GRAY))
                .withMessageContaining("a size of one of two");
    }

    @Test
    void drawsWhatItSays() {
        BufferedImage image = Scene.parse("a red circle left of a blue square on a gray background")
                .draw(64, Draws.of(1));

        assertThat(image.getRGB(17, 32) & 0xffffff).isEqualTo(0xdc2828);
        assertThat(image.getRGB(47, 32) & 0xffffff).isEqualTo(0x3250dc);
        assertThat(image.getRGB(2, 2) & 0xffffff).isEqualTo(0x808080);
        BufferedImage below =
                Scene.parse("a big cyan diamond on a white background").draw(128, Draws.of(2));
        assertThat(below.getRGB(64, 64) & 0xffffff).isEqualTo(0x3cc8dc);
        assertThat(below.getRGB(0, 127) & 0xffffff).isEqualTo(0xfafafa);
    }

    @Test
    void keepsEveryFigureInsideTheImage() {
        for (Figure figure : Figure.values()) {
            Scene scene = Scene.of(new Thing(Optional.of(Size.BIG), Colour.RED, figure), Background.WHITE);
            for (int i = 0; i < 50; i++) {
                BufferedImage image = scene.draw(64, Draws.of(i));
                for (int at = 0; at < 64; at++) {
                    assertThat(image.getRGB(at, 0) & 0xffffff).isEqualTo(0xfafafa);
                    assertThat(image.getRGB(at, 63) & 0xffffff).isEqualTo(0xfafafa);
                    assertThat(image.getRGB(0, at) & 0xffffff).isEqualTo(0xfafafa);
                    assertThat(image.getRGB(63, at) & 0xffffff).isEqualTo(0xfafafa);
                }
            }
        }
    }
}
