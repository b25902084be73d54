package io.latent4j.pipeline;

import java.awt.image.BufferedImage;
import java.util.List;

/**
 * What came of a request.
 *
 * @param results one an image, in the order of their seeds
 * @param warnings what the user should know, such as words of the prompt that did not fit
 */
public record Generation(List<GeneratedImage> results, List<String> warnings) {

    public Generation {
        results = List.copyOf(results);
        warnings = List.copyOf(warnings);
    }

    /** The images. */
    public List<BufferedImage> images() {
        return results.stream().map(GeneratedImage::image).toList();
    }

    /** The first image. */
    public BufferedImage image() {
        return results.get(0).image();
    }
}
