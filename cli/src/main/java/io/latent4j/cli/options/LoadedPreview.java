package io.latent4j.cli.options;

import io.latent4j.pipeline.ImageEvent;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.StageEvent;
import io.latent4j.pipeline.StepEvent;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.PreviewDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import javax.imageio.ImageIO;

/** Shows the first image of a batch after each step in a file, and deletes it when this is closed. */
public record LoadedPreview(Optional<PreviewDecoder> decoder, Path file) implements AutoCloseable {

    /** {@code pipeline}, whose steps are to be shown. */
    public TextToImagePipeline of(TextToImagePipeline pipeline) {
        return decoder.map(pipeline::withPreviews).orElse(pipeline);
    }

    /** Tells {@code display}, and writes the file. */
    public Progress with(Progress display) {
        if (decoder.isEmpty()) {
            return display;
        }
        return new Progress() {
            @Override
            public void onStep(StepEvent event) {
                display.onStep(event);
                show(event);
            }

            @Override
            public void onStage(StageEvent event) {
                display.onStage(event);
            }

            @Override
            public void onImage(ImageEvent event) {
                display.onImage(event);
            }

            @Override
            public boolean cancelled() {
                return display.cancelled();
            }
        };
    }

    /** A viewer never sees half a file. */
    private void show(StepEvent event) {
        Path draft = file.resolveSibling("." + file.getFileName());
        try {
            ImageIO.write(event.preview().get().get(0), "png", draft.toFile());
            Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the preview cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (decoder.isPresent()) {
                Files.deleteIfExists(file);
            }
        } finally {
            decoder.ifPresent(PreviewDecoder::close);
        }
    }
}
