package io.latent4j.pipeline;

import io.latent4j.pipeline.request.Variation;
import java.awt.image.BufferedImage;

/**
 * An image and how it was made.
 *
 * @param image in 8-bit RGB
 * @param seed its own seed, which makes it again alone; with a {@link Variation}, the request's, which all images have
 * @param parameters how it was made, in the form other tools read from a PNG's {@code parameters} text
 */
public record GeneratedImage(BufferedImage image, long seed, String parameters) {}
