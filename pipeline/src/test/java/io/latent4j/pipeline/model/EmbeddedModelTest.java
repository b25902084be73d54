package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.pipeline.EmbeddedParts;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The model that ships inside the project, by what it draws. */
@ExtendWith(EmbeddedParts.class)
class EmbeddedModelTest {
    private static Components parts;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
    }

    @Test
    void drawsTwoThingsWhereTheCaptionSaysThem() {
        GenerationRequest request =
                new GenerationRequest("a red circle above a blue square on a white background").withSeed(7);

        BufferedImage image = new TextToImagePipeline(parts).generate(request).image();

        int side = parts.defaults().width();
        assertThat(image.getWidth()).isEqualTo(side);
        assertIsNear(image.getRGB(side / 2, side * 26 / 100), 220, 40, 40);
        assertIsNear(image.getRGB(side / 2, side * 74 / 100), 50, 80, 220);
        assertIsNear(image.getRGB(side / 16, side / 2), 250, 250, 250);
    }

    @Test
    void isUnpackedForAsLongAsItIsOpen() throws IOException {
        Path folder;
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            folder = model.folder();
            assertThat(folder.resolve("model_index.json")).exists();
        }
        assertThat(folder).doesNotExist();
    }

    private static void assertIsNear(int rgb, int red, int green, int blue) {
        assertThat(Math.abs((rgb >> 16 & 255) - red)).as("red of %08x", rgb).isLessThan(45);
        assertThat(Math.abs((rgb >> 8 & 255) - green)).as("green of %08x", rgb).isLessThan(45);
        assertThat(Math.abs((rgb & 255) - blue)).as("blue of %08x", rgb).isLessThan(45);
    }
}
