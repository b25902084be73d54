package io.latent4j.training.data.evaluation;

import io.latent4j.training.data.scenes.Scene;
import io.latent4j.training.data.scenes.SceneCheck;
import java.awt.image.BufferedImage;

/**
 * An image that a model made of a caption, and what of it is right.
 *
 * @param scene what the caption says
 * @param seed the image was made with
 */
public record Judged(Scene scene, long seed, BufferedImage image, SceneCheck check) {

    /** Looks at an image. */
    public static Judged of(Scene scene, long seed, BufferedImage image) {
        return new Judged(scene, seed, image, SceneCheck.of(image, scene));
    }
}
