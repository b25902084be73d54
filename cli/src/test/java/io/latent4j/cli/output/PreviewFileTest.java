package io.latent4j.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.PreviewDecoder;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewFileTest {
    @TempDir
    private Path folder;

    @Test
    void showsEveryStepInAFileUntilItIsClosed() throws IOException {
        Path file = folder.resolve("x.preview.png");
        List<Integer> widths = new ArrayList<>();
        try (EmbeddedModel model = EmbeddedModel.unpack();
                Components parts = Components.load(model.folder(), Device.cpu(), DataType.FLOAT32);
                PreviewDecoder decoder = parts.previews(model.folder().resolve("vae"));
                PreviewFile preview = new PreviewFile(Optional.of(file))) {
            new TextToImagePipeline(parts)
                    .withPreviews(decoder)
                    .generate(new GenerationRequest("a red circle").withSeed(0).withSteps(2), event -> {
                        preview.show(event);
                        widths.add(read(file).getWidth());
                    });
        }
        assertThat(widths).containsExactly(64, 64);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatAKilledProcessLeftIsDeleted() throws IOException, InterruptedException {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String gone = PreviewFile.process(java.toHandle());
        java.waitFor();
        Path left = preview("left.preview.png", Map.of("latent4j process", gone));
        Path used =
                preview("used.preview.png", Map.of("latent4j process", PreviewFile.process(ProcessHandle.current())));
        Path own = preview("own.preview.png", Map.of());

        for (Path file : List.of(left, used, own, folder.resolve("none/x.preview.png"))) {
            PreviewFile.deleteLeftOver(file);
        }

        assertThat(left).doesNotExist();
        assertThat(used).exists();
        assertThat(own).exists();
    }

    private Path preview(String name, Map<String, String> text) throws IOException {
        Path file = folder.resolve(name);
        PngFile.write(file, new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), text);
        return file;
    }

    private static BufferedImage read(Path file) {
        try {
            return ImageIO.read(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
