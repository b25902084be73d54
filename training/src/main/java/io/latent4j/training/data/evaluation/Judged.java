package io.latent4j.training.data.evaluation;

import io.latent4j.training.data.scenes.Scene;
import io.latent4j.training.data.scenes.SceneCheck;
import java.awt.image.BufferedImage;

/**
 * A picture that a model made of a caption, and what of it is right.
 *
 * @param scene what the caption says
 * @param seed the picture was made with
 */
public record Judged(Scene scene, long seed, BufferedImage picture, SceneCheck check) {

    /** Looks at a picture. */
    public static Judged of(Scene scene, long seed, BufferedImage picture) {
        return new Judged(scene, seed, picture, SceneCheck.of(picture, scene));
    }
}
