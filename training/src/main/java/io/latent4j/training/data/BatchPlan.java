package io.latent4j.training.data;

import java.util.List;

/**
 * What a batch will hold, before an image is loaded.
 *
 * @param size of every image in it
 */
public record BatchPlan(long step, ImageSize size, List<Item> items) {

    public BatchPlan {
        items = List.copyOf(items);
    }

    /**
     * One example of a batch, and what is done to its image: it is resized, a part of it is taken, and that is mirrored
     * or not.
     *
     * @param index of the example
     * @param caption as it is said in this batch; empty if it is left out
     */
    public record Item(int index, String caption, ImageSize resized, int left, int top, boolean mirrored) {

        /** What is done to the image in a word, for names of what comes of it. */
        String treatment(ImageSize size) {
            return resized + ":" + size + "+" + left + "+" + top + (mirrored ? ":mirrored" : "");
        }
    }
}
