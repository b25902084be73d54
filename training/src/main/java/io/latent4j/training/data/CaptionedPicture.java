package io.latent4j.training.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;

/** One example of a data set: a picture, loaded when it is asked for, and what may be said of it. */
public interface CaptionedPicture {

    /** What to call it in messages: the file, if it is one. */
    String name();

    /** One or more captions that each describe the picture. */
    List<String> captions();

    /** In pixels, as {@link #image()} will be. */
    int width();

    /** In pixels, as {@link #image()} will be. */
    int height();

    /**
     * Loads the picture.
     *
     * @throws IOException if it cannot be read whole, naming the file
     */
    BufferedImage image() throws IOException;

    /**
     * A name for the picture's content: two pictures that look different have different ones.
     *
     * @throws IOException if the file cannot be read
     */
    String contentKey() throws IOException;

    /** A picture in memory. */
    static CaptionedPicture of(String name, BufferedImage image, String... captions) {
        return new PictureInMemory(name, image, List.of(captions));
    }
}
