package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import io.latent4j.schedulers.NoiseLevel;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * One denoising step is done.
 *
 * @param step how many of a batch's steps are done, from 1
 * @param steps of how many
 * @param image index of the batch's first image in the request
 * @param images how many images the batch has
 * @param remaining an estimate of the time until the last batch's last step, from the steps so far
 * @param level the noise level that was reached
 * @param latents at that level, (images, channels, height, width); not to be kept, closed or changed
 * @param preview decodes what the network takes the finished images to be; as costly as decoding the result, unless the
 *     pipeline has a {@link io.latent4j.pipeline.model.PreviewDecoder}
 */
public record StepEvent(
        int step,
        int steps,
        int image,
        int images,
        Duration remaining,
        NoiseLevel level,
        NDArray latents,
        Supplier<List<BufferedImage>> preview) {}
