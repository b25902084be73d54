package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.image.Images;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearDecoderTest {
    private static final int STEPS = 10;

    @Test
    void showsWhatAnImageBecomesAndLeavesNoArraysBehind() throws IOException {
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32);
                PreviewDecoder previews = PreviewDecoder.linear(parts)) {
            List<BufferedImage> seen = new ArrayList<>();
            BufferedImage image = new TextToImagePipeline(parts)
                    .withPreviews(previews)
                    .generate(
                            new GenerationRequest("a big red circle on a white background")
                                    .withSeed(0)
                                    .withSteps(STEPS)
                                    .withSeed(7),
                            event -> seen.addAll(event.preview().get()))
                    .image();
            assertThat(seen).hasSize(STEPS).allMatch(shown -> shown.getWidth() == image.getWidth());
            BufferedImage last = Images.resized(seen.get(STEPS - 1), 8, 8);
            int thing = last.getRGB(4, 4);
            int ground = last.getRGB(0, 7);
            assertThat(thing >> 16 & 255).as("red of %08x", thing).isGreaterThan((thing >> 8 & 255) + 50);
            assertThat(thing >> 16 & 255).as("red of %08x", thing).isGreaterThan((thing & 255) + 50);
            assertThat(ground >> 8 & 255).as("green of %08x", ground).isGreaterThan((thing >> 8 & 255) + 50);
            assertThat(ground & 255).as("blue of %08x", ground).isGreaterThan((thing & 255) + 50);
            int arrays = parts.manager().getManagedArrays().size();
            PreviewDecoder.linear(parts).close();
            assertThat(parts.manager().getManagedArrays()).hasSize(arrays);
        }
    }
}
