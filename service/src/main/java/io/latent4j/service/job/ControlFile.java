package io.latent4j.service.job;

import io.latent4j.pipeline.request.DenoisingRange;
import java.nio.file.Path;
import java.util.Objects;

/**
 * An image file that steers a job through a control network: see {@link io.latent4j.pipeline.request.ControlInput}.
 *
 * @param name of a control network in the registry, or of a folder, file or model on the hub
 * @param image the file
 * @param scale how strongly it steers, 0 to 10
 * @param range the part of the steps in which it steers
 * @param guess whether the network is to find the subject itself
 */
public record ControlFile(String name, Path image, double scale, DenoisingRange range, boolean guess) {
    static final int MOST_SCALE = 10;

    public ControlFile {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(range, "range");
        if (!(scale >= 0 && scale <= MOST_SCALE)) {
            throw new IllegalArgumentException("control scale is " + scale + "; expected 0 to " + MOST_SCALE);
        }
    }

    /** Steers at full strength in all steps. */
    public ControlFile(String name, Path image) {
        this(name, image, 1, DenoisingRange.ALL, false);
    }
}
