package io.latent4j.vae;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.nn.Pass;
import java.util.List;

/** Layers one after the other, of which each frees its input: the peak is one layer's, however many there are. */
record Stages(List<Stage> list) {
    /** Numbers that an array of a coarse part may have: 256 MB in float32, of which there are some three at a time. */
    static final long LARGEST = 64 << 20;

    Stages {
        list = List.copyOf(list);
    }

    /** Applies every layer. */
    NDArray forward(Pass pass, NDArray x) {
        NDArray h = x;
        for (Stage stage : list) {
            NDArray before = h;
            h = scoped(() -> stage.layer().forward(pass, before));
            if (before != x && before != h) {
                before.close();
            }
        }
        return h;
    }

    /**
     * {@link #forward} of a decoder, which works on the image as a whole while that is small and then in {@link Tiles} of
     * {@code side} pixels.
     *
     * @param largest numbers that an array may have where the image is whole
     */
    NDArray forwardToTiles(Pass pass, NDArray x, int side, long largest) {
        int split = 0;
        long pixels = pixels(x);
        for (int i = 0; i < list.size(); i++) {
            Stage stage = list.get(i);
            pixels = stage.size() == Stage.Size.DOUBLED ? 4 * pixels : pixels;
            if (stage.reach() == Stage.EVERYWHERE || (split == i && pixels * stage.width() <= largest)) {
                split = i + 1;
            }
        }
        Stages coarse = new Stages(list.subList(0, split));
        Stages fine = new Stages(list.subList(split, list.size()));
        return scoped(() -> new Tiles(fine).forward(pass, coarse.forward(pass, x), side));
    }

    /** {@link #forward} of an encoder, which works in {@link Tiles} of {@code side} pixels until the image is small. */
    NDArray forwardFromTiles(Pass pass, NDArray x, int side, long largest) {
        int split = 0;
        long pixels = pixels(x);
        for (int i = 0; i < list.size() && list.get(i).reach() != Stage.EVERYWHERE; i++) {
            if (pixels * list.get(i).width() > largest) {
                split = i + 1;
            }
            pixels = list.get(i).size() == Stage.Size.HALVED ? pixels / 4 : pixels;
        }
        Stages fine = new Stages(list.subList(0, split));
        Stages coarse = new Stages(list.subList(split, list.size()));
        return scoped(() -> coarse.forward(pass, new Tiles(fine).forward(pass, x, side)));
    }

    private static long pixels(NDArray x) {
        return x.getShape().get(0) * x.getShape().get(2) * x.getShape().get(3);
    }
}
