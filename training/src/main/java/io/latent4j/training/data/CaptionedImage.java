package io.latent4j.training.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;

/** One example of a data set: an image, loaded when it is asked for, and what may be said of it. */
public interface CaptionedImage {

    /** What to call it in messages: the file, if it is one. */
    String name();

    /** One or more captions that each describe the image. */
    List<String> captions();

    /** In pixels, as {@link #image()} will be. */
    int width();

    /** In pixels, as {@link #image()} will be. */
    int height();

    /**
     * Loads the image.
     *
     * @throws IOException if it cannot be read whole, naming the file
     */
    BufferedImage image() throws IOException;

    /**
     * A name for the image's content: two images that look different have different ones.
     *
     * @throws IOException if the file cannot be read
     */
    String contentKey() throws IOException;

    /** An image in memory. */
    static CaptionedImage of(String name, BufferedImage image, String... captions) {
        return new ImageInMemory(name, image, List.of(captions));
    }
}
