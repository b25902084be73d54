package io.latent4j.vae;

import io.latent4j.core.nn.Layer;

/**
 * A layer of an encoder or a decoder.
 *
 * @param width channels of its input or its result, whichever has more
 * @param reach how many pixels to every side a pixel of the result depends on: of the result where the layer doubles, of
 *     the input elsewhere; {@link #EVERYWHERE} for all of the image
 * @param size what the layer does to height and width
 */
record Stage(Layer layer, long width, int reach, Size size) {
    static final int EVERYWHERE = Integer.MAX_VALUE;

    /** What becomes of height and width. */
    enum Size {
        HALVED,
        KEPT,
        DOUBLED
    }

    /** A layer that keeps height and width. */
    static Stage keeping(Layer layer, long width, int reach) {
        return new Stage(layer, width, reach, Size.KEPT);
    }

    /** A layer that halves height and width by a 3×3 convolution, padded at any two or four sides. */
    static Stage halving(Layer layer, long width) {
        return new Stage(layer, width, 2, Size.HALVED);
    }

    /** A layer that doubles height and width and applies a 3×3 convolution. */
    static Stage doubling(Layer layer, long width) {
        return new Stage(layer, width, 1, Size.DOUBLED);
    }
}
