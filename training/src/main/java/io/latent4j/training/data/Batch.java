package io.latent4j.training.data;

import io.latent4j.core.config.Counted;
import java.util.List;

/** Images and captions of one training step, in memory of the Java heap. */
public final class Batch {
    private final long step;
    private final List<String> captions;
    private final float[] pixels;
    private final int height;
    private final int width;
    private final List<String> contentKeys;

    Batch(long step, List<String> captions, float[] pixels, int height, int width, List<String> contentKeys) {
        this.step = step;
        this.captions = List.copyOf(captions);
        this.pixels = pixels;
        this.height = height;
        this.width = width;
        this.contentKeys = List.copyOf(contentKeys);
    }

    /** The step this batch is for, from 0. */
    public long step() {
        return step;
    }

    /** How many images. */
    public int size() {
        return captions.size();
    }

    /** One an image; empty where it was left out. */
    public List<String> captions() {
        return captions;
    }

    /** The images, (size, 3, height, width) in [-1, 1]; not a copy. */
    public float[] pixels() {
        return pixels;
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    /** A name for each image's content as it is here, cropped and mirrored: equal names, equal pixels. */
    public List<String> contentKeys() {
        return contentKeys;
    }

    @Override
    public String toString() {
        return "batch " + step + " of " + Counted.of(size(), "image") + " of " + width + "x" + height;
    }
}
