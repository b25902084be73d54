package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.training.data.Draws;
import io.latent4j.training.data.scenes.Scenes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tells whether an image shows a moon. */
class MoonsTest {
    @TempDir
    private Path folder;

    @Test
    void knowsItsOwnMoons() throws IOException {
        Moons.write(folder, 40, 5);
        List<String> lines = Files.readAllLines(folder.resolve("metadata.jsonl"));
        for (int i = 0; i < lines.size(); i++) {
            BufferedImage moon = ImageIO.read(folder.resolve(i + ".png").toFile());
            assertThat(Moons.judge(moon, lines.get(i)).allRight())
                    .as(lines.get(i))
                    .isTrue();
            assertThat(Moons.judge(moon, "a purple moon on a white background".replace("purple", other(lines.get(i))))
                            .colour())
                    .isFalse();
        }
    }

    private static String other(String caption) {
        return caption.contains("a red ") ? "blue" : "red";
    }

    @Test
    void takesNoOtherShapeForOne() {
        Scenes.sample(100, 0, Scenes.Part.HELD_OUT, 3).forEach(scene -> {
            BufferedImage image = scene.draw(64, Draws.of(3, scene.hashCode()));
            assertThat(Moons.judge(image, "a red moon on a white background").moon())
                    .as(scene.caption())
                    .isFalse();
        });
    }
}
