package io.latent4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.training.data.CaptionedPicture;
import io.latent4j.training.data.CaptionedPictures;
import io.latent4j.training.data.PictureFolder;
import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Pictures of one size, as arrays in [-1, 1]: those to learn from, and the last of the data set, which are set aside. */
final class PictureSource {
    private final CaptionedPictures pictures;
    private final int side;
    private final int learned;
    private final EpochOrder order;

    private PictureSource(CaptionedPictures pictures, int side, int setAside, long seed) {
        this.pictures = pictures;
        this.side = side;
        this.learned = pictures.size() - setAside;
        this.order = new EpochOrder(seed, learned);
    }

    /** Opens what the {@code data} section names: a folder of pictures, or scenes that are drawn on demand. */
    static PictureSource read(RunFile data, long seed) throws IOException {
        return read(data, seed, Optional.empty());
    }

    /**
     * {@link #read(RunFile, long)}, where a folder's pictures need no captions.
     *
     * @param caption what is said of each picture of a folder, instead of its own captions
     */
    static PictureSource read(RunFile data, long seed, Optional<String> caption) throws IOException {
        int side = data.integer("size", 8, 64);
        int setAside = data.integer("set_aside", 0, 64);
        int scenes = data.integer("scenes", 0, 0);
        double shareOfTwo = data.real("share_of_two", 0.8);
        Optional<Path> folder = data.path("folder");
        if (folder.isPresent() == scenes > 0) {
            throw new IllegalArgumentException(
                    data + ": expected folder, with pictures and captions, or scenes, a number"
                            + " of them to draw, and not both");
        }
        CaptionedPictures pictures = folder.isPresent()
                ? open(folder.get(), caption)
                : new SceneSet(scenes, side, seed, shareOfTwo, Scenes.Part.TRAINING);
        if (setAside >= pictures.size()) {
            throw data.bad("set_aside", setAside, "fewer than the " + pictures.size() + " pictures there are");
        }
        return new PictureSource(pictures, side, setAside, seed);
    }

    private static PictureFolder open(Path folder, Optional<String> caption) throws IOException {
        return caption.isPresent() ? PictureFolder.open(folder, caption.get()) : PictureFolder.open(folder);
    }

    /** Height and width of every picture. */
    int side() {
        return side;
    }

    /** How many there are to learn from. */
    int learned() {
        return learned;
    }

    /** All there are; those set aside are the last. */
    int size() {
        return pictures.size();
    }

    List<String> captions(int index) {
        return pictures.example(index).captions();
    }

    /** Batch {@code number} of those to learn from: (count, 3, side, side). */
    NDArray batch(NDManager manager, long number, int count) {
        return array(manager, order.batch(number, count));
    }

    /** The first {@code count} of those set aside, or all of them: (N, 3, side, side). */
    NDArray setAside(NDManager manager, int count) {
        return array(
                manager,
                IntStream.range(learned, Math.min(size(), learned + count)).toArray());
    }

    /** The pictures at {@code indices}: (N, 3, side, side). */
    NDArray array(NDManager manager, int[] indices) {
        float[] values = new float[indices.length * 3 * side * side];
        for (int i = 0; i < indices.length; i++) {
            fill(values, i * 3 * side * side, pictures.example(indices[i]));
        }
        return manager.create(values, new Shape(indices.length, 3, side, side));
    }

    private void fill(float[] values, int from, CaptionedPicture picture) {
        int area = side * side;
        int[] rgb = sized(picture).getRGB(0, 0, side, side, null, 0, side);
        for (int i = 0; i < area; i++) {
            values[from + i] = (rgb[i] >> 16 & 0xFF) / 127.5f - 1;
            values[from + area + i] = (rgb[i] >> 8 & 0xFF) / 127.5f - 1;
            values[from + 2 * area + i] = (rgb[i] & 0xFF) / 127.5f - 1;
        }
    }

    /** The middle of the picture, scaled to the size. */
    private BufferedImage sized(CaptionedPicture picture) {
        BufferedImage image;
        try {
            image = picture.image();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (image.getWidth() == side && image.getHeight() == side) {
            return image;
        }
        double scale = Math.max((double) side / image.getWidth(), (double) side / image.getHeight());
        int width = (int) Math.round(image.getWidth() * scale);
        int height = (int) Math.round(image.getHeight() * scale);
        BufferedImage sized = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = sized.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.drawImage(image, (side - width) / 2, (side - height) / 2, width, height, null);
        g.dispose();
        return sized;
    }
}
