package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.image.Images;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.pipeline.request.Prompt;
import java.awt.image.BufferedImage;
import java.util.List;

/** Images that a model is told beside the text, as it takes them. */
final class ReferenceImages {
    private ReferenceImages() {}

    /**
     * An image of at most a million pixels, made smaller where it has more, without what its sides have over a multiple; half
     * of that is cut off at each edge.
     */
    static BufferedImage fitted(BufferedImage image, int multiple) {
        BufferedImage small = shrunk(image);
        int width = Math.max(small.getWidth() / multiple, 1) * multiple;
        int height = Math.max(small.getHeight() / multiple, 1) * multiple;
        if (width > small.getWidth() || height > small.getHeight()) {
            return Images.resized(small, width, height);
        }
        return small.getSubimage((small.getWidth() - width) / 2, (small.getHeight() - height) / 2, width, height);
    }

    private static BufferedImage shrunk(BufferedImage image) {
        double pixels = (double) image.getWidth() * image.getHeight();
        if (pixels <= Prompt.MOST_REFERENCE_PIXELS) {
            return image;
        }
        double factor = Math.sqrt(Prompt.MOST_REFERENCE_PIXELS / pixels);
        return Images.resized(
                image, Math.max(1, (int) (image.getWidth() * factor)), Math.max(1, (int) (image.getHeight() * factor)));
    }

    /** The likeliest latents of each, (1, C, h, w). */
    static List<NDArray> latents(Run run, NDManager manager) {
        LatentCodec codec = run.codec();
        return run.request().prompt().references().stream()
                .map(image -> codec.encode(Images.toArray(manager, fitted(image, codec.sizeMultiple()))))
                .toList();
    }
}
