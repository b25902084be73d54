package io.latent4j.service.queue;

import java.awt.image.BufferedImage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a running job is.
 *
 * @param step steps that are done, of all its batches
 * @param steps of how many; 0 before they are known
 * @param images that are finished
 * @param remaining an estimate of the time until the last step
 * @param started when it was begun
 * @param preview the last one
 */
public record JobProgress(
        int step, int steps, int images, Duration remaining, Instant started, Optional<BufferedImage> preview) {}
