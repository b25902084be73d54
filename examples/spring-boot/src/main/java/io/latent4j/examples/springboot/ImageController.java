package io.latent4j.examples.springboot;

import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.GeneratedImage;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers {@code /image?prompt=a+red+circle} with a PNG file. */
@RestController
class ImageController {
    private final TextToImagePipeline pipeline;

    ImageController(TextToImagePipeline pipeline) {
        this.pipeline = pipeline;
    }

    @GetMapping(path = "/image", produces = MediaType.IMAGE_PNG_VALUE)
    byte[] image(
            @RequestParam("prompt") String prompt,
            @RequestParam(name = "seed", defaultValue = "0") long seed,
            @RequestParam(name = "steps", defaultValue = "25") int steps) {
        GeneratedImage result = pipeline.generate(
                        new GenerationRequest(prompt).withSeed(seed).withSteps(steps))
                .results()
                .get(0);
        return PngFile.bytes(result.image(), Map.of("parameters", result.parameters()));
    }
}
