package io.latent4j.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.output.Response;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.GeneratedImage;
import io.latent4j.pipeline.ImageEvent;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobResult;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Keeps the images of a job as PNG files, and what is known of them. */
final class PngImages implements JobListener {
    private final List<Image> images = new ArrayList<>();
    private final List<String> seeds = new ArrayList<>();
    private final List<String> parameters = new ArrayList<>();

    @Override
    public void onImage(ImageEvent event) {
        GeneratedImage image = event.image();
        byte[] png = PngFile.bytes(image.image(), Map.of("parameters", image.parameters()));
        images.add(Image.builder()
                .base64Data(Base64.getEncoder().encodeToString(png))
                .mimeType("image/png")
                .build());
        seeds.add(Long.toUnsignedString(image.seed()));
        parameters.add(image.parameters());
    }

    Response<List<Image>> response(JobResult result) {
        return new Response<>(
                List.copyOf(images),
                null,
                null,
                Map.of(
                        Latent4jImageModel.MODEL,
                        result.model(),
                        Latent4jImageModel.SEEDS,
                        List.copyOf(seeds),
                        Latent4jImageModel.PARAMETERS,
                        List.copyOf(parameters),
                        Latent4jImageModel.WARNINGS,
                        result.warnings()));
    }
}
