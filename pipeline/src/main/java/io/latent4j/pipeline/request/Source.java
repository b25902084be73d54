package io.latent4j.pipeline.request;

import java.awt.image.BufferedImage;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An image to start from instead of noise (<a href="https://arxiv.org/abs/2108.01073">Meng et al. 2021</a>, SDEdit): noise is
 * added to it, and the last part of the steps removes it again.
 *
 * @param image scaled to the request's size; transparent parts count as white
 * @param strength the part of the steps that is taken, above 0 and up to 1: the less, the more of the image stays. If
 *     empty, 0.8 of a whole image, and 1 of what is repainted
 * @param inpainting which part of the image to repaint; all of it if empty
 */
public record Source(BufferedImage image, OptionalDouble strength, Optional<Inpainting> inpainting) {

    public Source {
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(inpainting, "inpainting");
        strength.ifPresent(s -> Checks.check(s > 0 && s <= 1, "strength", s, "above 0, and at most 1"));
    }

    /** The whole image at the default strength. */
    public Source(BufferedImage image) {
        this(image, OptionalDouble.empty(), Optional.empty());
    }

    /** This with another image. */
    public Source withImage(BufferedImage image) {
        return new Source(image, strength, inpainting);
    }

    /** This with this part of the steps. */
    public Source withStrength(double strength) {
        return new Source(image, OptionalDouble.of(strength), inpainting);
    }

    /** This with this part repainted. */
    public Source withInpainting(Inpainting inpainting) {
        return new Source(image, strength, Optional.of(inpainting));
    }
}
