package io.latent4j.pipeline.request;

import java.awt.image.BufferedImage;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * An image to start from instead of noise (<a href="https://arxiv.org/abs/2108.01073">Meng et al. 2021</a>, SDEdit): it is
 * noised part of the way and denoised again.
 *
 * @param image scaled to the request's size; transparent parts count as white
 * @param strength the part of the steps that is taken, above 0 and up to 1: how little of the image stays. Where it is
 *     left open, 0.8 of a whole image, and all of what is repainted
 */
public record ImageInput(BufferedImage image, OptionalDouble strength) {

    public ImageInput {
        Objects.requireNonNull(image, "image");
        strength.ifPresent(s -> GenerationRequest.check(s > 0 && s <= 1, "strength", s, "above 0, and at most 1"));
    }
}
