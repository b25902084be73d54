package io.latent4j.training.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.pipeline.model.Components;
import io.latent4j.training.model.ModelConditioner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassImagesTest {
    private static final Path ALL = Path.of("all");

    private static ClassImages of(String... prompts) {
        return new ClassImages(List.of(prompts), 2, 1, 1, 0);
    }

    @Test
    void areOthersOfAnotherModelOfTheSameName() throws IOException {
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            ModelConditioner reading = new ModelConditioner(parts, 1);
            Path before = of("a circle").in(ALL, reading, 16);
            for (NamedBlock block : List.of(
                    parts.unet(), parts.vae().block(), parts.textEncoder().block())) {
                NDArray weight = block.getParameters().get(0).getValue().getArray();
                assertThat(of("a circle").in(ALL, reading, 16)).isEqualTo(before);
                weight.addi(1);
                assertThat(of("a circle").in(ALL, reading, 16)).isNotEqualTo(before);
                weight.subi(1);
                before = of("a circle").in(ALL, reading, 16); // a rounding may be left
            }
            Components clipping = parts.withScheduler(parts.scheduler().with("clip_sample", true));
            assertThat(of("a circle").in(ALL, new ModelConditioner(clipping, 1), 16))
                    .isNotEqualTo(before);
        }
    }

    @Test
    void areOthersOfPromptsThatLookAlikeInARow() throws IOException {
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            ModelConditioner reading = new ModelConditioner(parts, 1);
            assertThat(of("a, b").in(ALL, reading, 16))
                    .isNotEqualTo(of("a", "b").in(ALL, reading, 16));
        }
    }
}
