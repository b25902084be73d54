package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.image.Pictures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearDecoderTest {
    private static final int STEPS = 10;

    @Test
    void showsWhatAPictureBecomesAndLeavesNoArraysBehind() throws IOException {
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32);
                PreviewDecoder previews = parts.linearPreviews()) {
            int arrays = parts.manager().getManagedArrays().size();
            List<BufferedImage> seen = new ArrayList<>();
            BufferedImage picture = new StableDiffusionPipeline(parts)
                    .withPreviews(previews)
                    .generate(
                            new GenerationRequest("a big red circle on a white background")
                                    .withSteps(STEPS)
                                    .withSeed(7),
                            event -> seen.addAll(event.preview().get()))
                    .image();
            assertThat(seen).hasSize(STEPS).allMatch(shown -> shown.getWidth() == picture.getWidth());
            BufferedImage last = seen.get(STEPS - 1);
            // A sixteenth of the picture's places have a colour of their own; one colour for all would be much farther
            // off.
            assertThat(Differences.mean(last, picture)).isLessThan(Differences.mean(plain(picture), picture) / 2);
            assertThat(parts.manager().getManagedArrays()).hasSize(arrays);
        }
    }

    /** A picture of its mean colour. */
    private static BufferedImage plain(BufferedImage picture) {
        BufferedImage one = Pictures.resized(picture, 1, 1);
        return Pictures.resized(one, picture.getWidth(), picture.getHeight());
    }
}
