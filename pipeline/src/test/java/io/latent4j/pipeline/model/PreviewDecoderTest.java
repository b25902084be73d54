package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreviewDecoderTest {

    /** The last step predicts the image itself. */
    @Test
    void endsWithTheImageWhereTheAutoencoderIsSmall() throws IOException {
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32);
                PreviewDecoder previews = parts.linearPreviews()) {
            List<BufferedImage> seen = new ArrayList<>();
            BufferedImage image = new TextToImagePipeline(parts)
                    .withPreviews(previews)
                    .generate(
                            new GenerationRequest("a big red circle on a white background")
                                    .withSteps(4)
                                    .withSeed(7),
                            event -> seen.addAll(event.preview().get()))
                    .image();

            BufferedImage last = seen.get(seen.size() - 1);
            for (int y = 0; y < image.getHeight(); y++) {
                for (int x = 0; x < image.getWidth(); x++) {
                    for (int shift = 0; shift < 24; shift += 8) {
                        int shown = last.getRGB(x, y) >> shift & 255;
                        int made = image.getRGB(x, y) >> shift & 255;
                        assertThat(Math.abs(shown - made)).isLessThanOrEqualTo(2);
                    }
                }
            }
        }
    }
}
