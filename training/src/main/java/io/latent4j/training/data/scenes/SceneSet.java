package io.latent4j.training.data.scenes;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import io.latent4j.core.config.Counted;
import io.latent4j.training.data.CaptionedImage;
import io.latent4j.training.data.CaptionedImages;
import io.latent4j.training.data.Draws;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A data set of scenes that are drawn when they are asked for, the same ones every time. */
public final class SceneSet implements CaptionedImages {
    public static final int MOST = 10_000_000;
    private static final int LEAST_SIDE = 8;
    private static final int MOST_SIDE = 4096;
    private static final int PLACES = 3; // of the streams of a seed; Scenes.sample has the others

    private final ImmutableList<Scene> scenes;
    private final int side;
    private final long seed;

    /**
     * Chooses the captions: see {@link Scenes#sample}.
     *
     * @param count how many images, 1 to 10,000,000
     * @param side of an image in pixels, 8 to 4096
     * @param seed another one gives other captions and places
     * @param shareOfTwo which part of them has two figures, 0 to 1
     * @param part which captions to choose from
     */
    public SceneSet(int count, int side, long seed, double shareOfTwo, Scenes.Part part) {
        checkArgument(count > 0 && count <= MOST, "count is %s; expected 1 to %s", count, MOST);
        checkArgument(
                side >= LEAST_SIDE && side <= MOST_SIDE,
                "size is %s pixels; expected %s to %s",
                side,
                LEAST_SIDE,
                MOST_SIDE);
        this.scenes = ImmutableList.copyOf(Scenes.sample(count, shareOfTwo, part, seed));
        this.side = side;
        this.seed = seed;
    }

    @Override
    public int size() {
        return scenes.size();
    }

    /** What example {@code index} shows. */
    public Scene scene(int index) {
        return scenes.get(index);
    }

    @Override
    public CaptionedImage example(int index) {
        return new Example(scenes.get(index), side, seed, index);
    }

    @Override
    public String toString() {
        return Counted.of(scenes.size(), "drawn scene");
    }

    private record Example(Scene scene, int side, long seed, int index) implements CaptionedImage {
        @Override
        public String name() {
            return "scene " + index;
        }

        @Override
        public List<String> captions() {
            return List.of(scene.caption());
        }

        @Override
        public int width() {
            return side;
        }

        @Override
        public int height() {
            return side;
        }

        @Override
        public BufferedImage image() {
            return scene.draw(side, Draws.of(seed, PLACES, index));
        }

        @Override
        public String contentKey() {
            String everything = String.join("/", scene.caption(), "" + side, "" + seed, "" + index);
            return Hashing.sha256()
                    .hashString(everything, StandardCharsets.UTF_8)
                    .toString();
        }
    }
}
