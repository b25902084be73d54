package io.latent4j.examples.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.image.ImageModel;
import io.latent4j.langchain4j.Latent4jImageModel;
import io.latent4j.service.JobRunner;
import io.latent4j.service.queue.JobTurns;
import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Draws a prompt, and draws it again from its own drawing: {@code Drawings "a red circle" first.png second.png}. */
public final class Drawings {
    private final ImageModel images;

    Drawings(ImageModel images) {
        this.images = images;
    }

    /** Writes both files. */
    public static void main(String[] args) throws IOException {
        try (ModelRegistry models = new ModelRegistry();
                JobTurns turns = new JobTurns(new JobRunner(models), 16, Duration.ofSeconds(10))) {
            ImageModel images = Latent4jImageModel.builder()
                    .jobs(turns)
                    .steps(4)
                    .strength(0.5)
                    .build();
            List<Image> drawn = new Drawings(images).draw(args[0]);
            for (int i = 0; i < drawn.size(); i++) {
                Files.write(
                        Path.of(args[i + 1]),
                        Base64.getDecoder().decode(drawn.get(i).base64Data()));
            }
        }
    }

    List<Image> draw(String prompt) {
        Image first = images.generate(prompt).content();
        return List.of(first, images.edit(first, prompt).content());
    }
}
