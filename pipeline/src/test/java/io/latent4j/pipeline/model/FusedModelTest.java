package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.AdapterFile;
import io.latent4j.pipeline.Differences;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FusedModelTest {
    private static final GenerationRequest REQUEST =
            new GenerationRequest("a red circle on a white background").withSteps(2);

    @TempDir
    private Path folder;

    /** The model is a link, and one of its parts too, as in caches and on shared disks. */
    @Test
    void followsLinks() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            Path parts = Files.createDirectory(folder.resolve("parts"));
            try (var all = Files.list(model.folder())) {
                for (Path part : all.toList()) {
                    Files.createSymbolicLink(parts.resolve(part.getFileName()), part);
                }
            }
            checkFused(Files.createSymbolicLink(folder.resolve("link"), parts), false);
        }
    }

    @Test
    void takesOffloadedParts() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            checkFused(model.folder(), true);
        }
    }

    private void checkFused(Path model, boolean offload) throws IOException {
        Placement here = new Placement(Device.cpu(), DataType.FLOAT32);
        Path target = folder.resolve("fused");
        try (Components parts = Components.load(ModelFiles.of(model), offload ? here.offloaded() : here);
                Lora lora = parts.lora(AdapterFile.write(folder.resolve("ink.safetensors"), 1))) {
            List<LoraUse> uses = List.of(lora.at(1));
            FusedModel.write(ModelFiles.of(model), parts, uses, target, StoredType.F32);
            BufferedImage adapted = new TextToImagePipeline(parts)
                    .generate(REQUEST.withLoras(uses))
                    .image();
            try (Components fused = Components.load(target, Device.cpu(), DataType.FLOAT32)) {
                assertThat(Differences.largest(
                                new TextToImagePipeline(fused)
                                        .generate(REQUEST)
                                        .image(),
                                adapted))
                        .isLessThanOrEqualTo(1);
            }
        }
    }
}
