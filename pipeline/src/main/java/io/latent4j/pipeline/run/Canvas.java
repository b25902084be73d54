package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.image.Images;
import io.latent4j.pipeline.request.Inpainting;
import io.latent4j.pipeline.request.Source;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.Optional;

/**
 * An image that a run works on.
 *
 * @param image at the size the run works at
 * @param strength the part of the steps that is taken
 * @param repainting which part of the image changes; empty for all of it
 */
record Canvas(BufferedImage image, double strength, Optional<Repainting> repainting) {
    private static final double STRENGTH = 0.8;
    private static final double REPAINTING_STRENGTH = 1;

    /**
     * The part of an image that changes.
     *
     * @param mask of {@link Canvas#image}
     * @param original what the result is mixed into
     * @param region of the original that was worked on
     * @param edge how the result is mixed in: the mask of the region
     */
    record Repainting(Mask mask, BufferedImage original, Rectangle region, Mask edge) {}

    /** The canvas of a request for images of {@code width} times {@code height}, at which the model is to work. */
    static Canvas of(Source image, int width, int height) {
        if (image.inpainting().isEmpty()) {
            BufferedImage resized = Images.resized(image.image(), width, height);
            return new Canvas(resized, image.strength().orElse(STRENGTH), Optional.empty());
        }
        Inpainting wanted = image.inpainting().get();
        checkMask(wanted.mask(), image.image());
        boolean whole = wanted.padding().isEmpty();
        BufferedImage original = whole ? Images.resized(image.image(), width, height) : image.image();
        Rectangle all = new Rectangle(original.getWidth(), original.getHeight());
        Mask mask = Mask.of(wanted.mask())
                .part(new Rectangle(wanted.mask().getWidth(), wanted.mask().getHeight()), all.width, all.height)
                .blurred(wanted.blur());
        Rectangle bounds = mask.bounds();
        if (bounds.isEmpty()) {
            throw new IllegalArgumentException("the mask is black all over, so that nothing would be repainted; "
                    + "expected white where the image is to change");
        }
        Rectangle region = whole ? all : around(bounds, wanted.padding().getAsInt(), all, (double) width / height);
        BufferedImage part =
                region.equals(all) ? original : original.getSubimage(region.x, region.y, region.width, region.height);
        return new Canvas(
                Images.resized(part, width, height),
                image.strength().orElse(REPAINTING_STRENGTH),
                Optional.of(new Repainting(
                        mask.part(region, width, height),
                        original,
                        region,
                        mask.part(region, region.width, region.height))));
    }

    private static void checkMask(BufferedImage mask, BufferedImage image) {
        if (mask.getWidth() != image.getWidth() || mask.getHeight() != image.getHeight()) {
            throw new IllegalArgumentException("the mask is " + mask.getWidth() + "x" + mask.getHeight()
                    + " and the image " + image.getWidth() + "x" + image.getHeight()
                    + "; expected a mask of the image's size");
        }
    }

    /** {@code bounds} with {@code padding} around them, made as wide as high times {@code aspect} where {@code all} allows it. */
    private static Rectangle around(Rectangle bounds, int padding, Rectangle all, double aspect) {
        Rectangle padded = new Rectangle(bounds);
        padded.grow(padding, padding);
        Rectangle region = padded.intersection(all);
        int width = Math.max(region.width, (int) Math.round(region.height * aspect));
        int height = Math.max(region.height, (int) Math.round(region.width / aspect));
        width = Math.min(width, all.width);
        height = Math.min(height, all.height);
        int x = region.x - (width - region.width) / 2;
        int y = region.y - (height - region.height) / 2;
        return new Rectangle(
                Math.min(Math.max(x, 0), all.width - width),
                Math.min(Math.max(y, 0), all.height - height),
                width,
                height);
    }

    /** (1, 3, H, W) in [-1, 1]. */
    NDArray pixels(NDManager manager) {
        return Images.toArray(manager, image);
    }

    /** The result: what was made, or the image with the part that was repainted. */
    BufferedImage finished(BufferedImage made) {
        return repainting
                .map(r -> r.edge()
                        .mix(
                                r.original(),
                                Images.resized(made, r.region().width, r.region().height),
                                r.region().x,
                                r.region().y))
                .orElse(made);
    }
}
