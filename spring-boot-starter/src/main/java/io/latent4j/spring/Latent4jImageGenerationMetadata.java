package io.latent4j.spring;

import org.springframework.ai.image.ImageGenerationMetadata;

/**
 * How an image was made.
 *
 * @param seed its own seed, read as unsigned, which makes it again alone
 * @param parameters prompts and settings, as in the {@code parameters} text of its PNG file
 */
public record Latent4jImageGenerationMetadata(long seed, String parameters) implements ImageGenerationMetadata {}
