package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Between images and latents in the diffusion model's scale: shape, scale, shift and packing of the latents are known here
 * and nowhere else. Images are (N, 3, H, W) in [-1, 1], latents float32.
 */
public interface LatentCodec {

    /** Channels of the latents. */
    int latentChannels();

    /** How many pixels of a side one latent stands for. */
    int pixelsPerLatent();

    /** What the width and height of an image must be multiples of. */
    default int sizeMultiple() {
        return pixelsPerLatent();
    }

    /** The shape of the latents of {@code images} images of so many pixels, (N, C, h, w). */
    default Shape latentShape(int images, int width, int height) {
        return new Shape(images, latentChannels(), height / pixelsPerLatent(), width / pixelsPerLatent());
    }

    /** What an autoencoder's own latents are multiplied by; 1 for latents of another kind. */
    default double scale() {
        return 1;
    }

    /** How many parameters there are, which says what decoding costs; 0 for a codec without. */
    default long parameters() {
        return 0;
    }

    /** Whether latents of both mean the same number of pixels and have as many channels. */
    default boolean fits(LatentCodec other) {
        return latentChannels() == other.latentChannels() && pixelsPerLatent() == other.pixelsPerLatent();
    }

    /**
     * Draws the latents of an image.
     *
     * @param pixels (1, 3, H, W) in [-1, 1]
     * @param noise N(0, 1), one for each of the N draws, of the latents' shape
     * @return N latents
     */
    NDArray encode(NDArray pixels, NDArray noise);

    /** The most likely latents of an image, (1, 3, H, W) in [-1, 1]. */
    NDArray encode(NDArray pixels);

    /**
     * Decodes latents to (N, 3, H, W), about [-1, 1].
     *
     * @throws IllegalStateException if numbers overflow
     */
    NDArray decode(NDArray latents);

    /**
     * Decodes latents, one image at a time.
     *
     * @throws IllegalStateException if an image has numbers that are not finite, which would look black
     */
    default List<BufferedImage> images(NDArray latents) {
        List<BufferedImage> images = new ArrayList<>();
        images(latents, () -> {}, images::add);
        return images;
    }

    /**
     * {@link #images(NDArray)}, one after the other.
     *
     * @param beforeEach runs before each image, and may throw to end the work
     * @param each receives each image when it is decoded
     */
    void images(NDArray latents, Runnable beforeEach, Consumer<BufferedImage> each);
}
