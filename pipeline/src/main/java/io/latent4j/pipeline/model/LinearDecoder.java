package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.image.Images;
import io.latent4j.core.random.TorchRandom;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * The linear map from latents to colours that comes nearest to an autoencoder: a colour for each latent, enlarged to the
 * image's size. It costs next to nothing, and shows composition and colours without detail.
 *
 * <p>It is found by least squares from images of random patches, as images have areas of a colour, and the latents that
 * the autoencoder makes of them.
 */
final class LinearDecoder {
    private static final int COLOURS = 3;
    private static final int SIDE = 24; // of an image, in latents
    private static final List<Integer> PATCHES = List.of(3, 6, 12); // to a side of each image
    private static final long SEED = 0;

    private final int channels;
    private final int downscale;
    private final float[] map; // (3, channels + 1): the last column is the colour of latents that are zero

    private LinearDecoder(int channels, int downscale, float[] map) {
        this.channels = channels;
        this.downscale = downscale;
        this.map = map;
    }

    /** Fits the map to an autoencoder, which encodes some small images for it. */
    @SuppressWarnings("try")
    static LinearDecoder fit(LatentCodec codec, NDManager parent) {
        int channels = codec.latentChannels();
        int downscale = codec.pixelsPerLatent();
        LeastSquares fit = new LeastSquares(channels + 1, COLOURS);
        TorchRandom random = new TorchRandom(SEED);
        for (int patches : PATCHES) {
            try (NDManager manager = parent.newSubManager();
                    NDScope scope = new NDScope()) {
                NDArray patch = random.uniform(manager, new Shape(1, COLOURS, patches, patches));
                NDArray few = patch.mul(4).sub(2).clip(-1, 1); // half of all values are the least or the most
                NDArray colours = few.repeat(2, SIDE / patches).repeat(3, SIDE / patches);
                NDArray latents = codec.encode(colours.repeat(2, downscale).repeat(3, downscale));
                add(fit, latents.toFloatArray(), channels, colours.toFloatArray());
            }
        }
        double[] solved = fit.solve();
        float[] map = new float[solved.length];
        for (int k = 0; k < map.length; k++) {
            map[k] = (float) solved[k];
        }
        return new LinearDecoder(channels, downscale, map);
    }

    private static void add(LeastSquares fit, float[] latents, int channels, float[] colours) {
        int places = SIDE * SIDE;
        double[] x = new double[channels + 1];
        double[] y = new double[COLOURS];
        x[channels] = 1;
        for (int place = 0; place < places; place++) {
            for (int c = 0; c < channels; c++) {
                x[c] = latents[c * places + place];
            }
            for (int c = 0; c < COLOURS; c++) {
                y[c] = colours[c * places + place];
            }
            fit.add(x, y);
        }
    }

    /** The images of latents, (N, channels, h, w). */
    @SuppressWarnings("try")
    List<BufferedImage> images(NDArray latents) {
        int height = Math.toIntExact(latents.getShape().get(2));
        int width = Math.toIntExact(latents.getShape().get(3));
        List<BufferedImage> images = new ArrayList<>();
        try (NDScope scope = new NDScope()) {
            NDArray whole = latents.getManager().create(map, new Shape(COLOURS, channels + 1));
            NDArray factors = whole.get(":, :" + channels);
            NDArray zero = whole.get(":, " + channels + ":");
            for (long i = 0; i < latents.getShape().get(0); i++) {
                NDArray colours =
                        factors.matMul(latents.get(i).reshape(channels, -1)).add(zero);
                BufferedImage small =
                        Images.of(colours.reshape(1, COLOURS, height, width)).get(0);
                images.add(Images.resized(small, width * downscale, height * downscale));
            }
        }
        return images;
    }
}
