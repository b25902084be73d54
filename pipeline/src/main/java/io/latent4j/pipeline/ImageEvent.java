package io.latent4j.pipeline;

/**
 * An image is finished.
 *
 * @param index of the image in the request, from 0
 * @param count of images in the request
 * @param image the same that the {@link Generation} holds
 */
public record ImageEvent(int index, int count, GeneratedImage image) {}
