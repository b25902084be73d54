package io.latent4j.service.job;

import io.latent4j.pipeline.request.Expansion;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An image file to start from: see {@link io.latent4j.pipeline.request.Source}.
 *
 * @param image the file
 * @param strength the part of the steps that is taken, above 0 and up to 1; the pipeline's default if empty
 * @param mask which part to repaint; all of it if empty
 * @param expansion by how much the image grows, instead of a mask
 */
public record SourceFiles(Path image, OptionalDouble strength, Optional<MaskFile> mask, Optional<Expansion> expansion) {

    public SourceFiles {
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(mask, "mask");
        Objects.requireNonNull(expansion, "expansion");
        if (strength.isPresent() && !(strength.getAsDouble() > 0 && strength.getAsDouble() <= 1)) {
            throw new IllegalArgumentException(
                    "strength is " + strength.getAsDouble() + "; expected above 0, and at most 1");
        }
        if (mask.isPresent() && expansion.isPresent()) {
            throw new IllegalArgumentException("there is a mask, and an image to expand; expected one of them: expand"
                    + " first, and repaint the result");
        }
    }

    /** The whole image at the default strength. */
    public SourceFiles(Path image) {
        this(image, OptionalDouble.empty(), Optional.empty(), Optional.empty());
    }
}
