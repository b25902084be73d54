package io.latent4j.training.data.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SceneSetTest {

    @Test
    void drawsTheSameImagesEveryTime() throws IOException {
        SceneSet one = new SceneSet(20, 32, 9, 0.5, Scenes.Part.TRAINING);
        SceneSet same = new SceneSet(20, 32, 9, 0.5, Scenes.Part.TRAINING);
        SceneSet other = new SceneSet(20, 32, 10, 0.5, Scenes.Part.TRAINING);
        int differing = 0;
        for (int i = 19; i >= 0; i--) {
            assertThat(rgb(one.example(i).image()))
                    .isEqualTo(rgb(same.example(i).image()));
            assertThat(one.example(i).captions()).containsExactly(one.scene(i).caption());
            differing += Arrays.equals(
                            rgb(one.example(i).image()), rgb(other.example(i).image()))
                    ? 0
                    : 1;
        }
        assertThat(differing).isEqualTo(20);
    }

    @Test
    void namesDifferentContentDifferently() throws IOException {
        Set<String> keys = new HashSet<>();
        for (int side : new int[] {32, 64}) {
            for (long seed = 0; seed < 2; seed++) {
                SceneSet set = new SceneSet(500, side, seed, 0, Scenes.Part.TRAINING);
                for (int i = 0; i < set.size(); i++) {
                    keys.add(set.example(i).contentKey());
                }
            }
        }
        assertThat(keys).hasSize(2 * 2 * 500);
    }

    @Test
    void refusesSizesThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SceneSet(0, 64, 0, 0.5, Scenes.Part.ALL))
                .withMessageContaining("count is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SceneSet(1, 7, 0, 0.5, Scenes.Part.ALL))
                .withMessageContaining("size is 7 pixels");
    }

    private static int[] rgb(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
