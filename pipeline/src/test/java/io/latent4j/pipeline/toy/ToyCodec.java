package io.latent4j.pipeline.toy;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.image.Images;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.LatentCodec;
import java.awt.image.BufferedImage;
import java.util.function.Consumer;

/** Latents of 5 channels: a square of 4×4 pixels has the colour of the first three, from -1 to 1. */
record ToyCodec() implements LatentCodec {
    static final int CHANNELS = 5;
    static final int PIXELS = 4;

    @Override
    public int latentChannels() {
        return CHANNELS;
    }

    @Override
    public int pixelsPerLatent() {
        return PIXELS;
    }

    @Override
    public int sizeMultiple() {
        return 12;
    }

    @Override
    public NDArray encode(NDArray pixels, NDArray noise) {
        return encode(pixels).broadcast(noise.getShape());
    }

    @Override
    public NDArray encode(NDArray pixels) {
        NDArray colours = pixels.get("..., ::" + PIXELS + ", ::" + PIXELS);
        return colours.concat(colours.get(":, :2"), 1);
    }

    @Override
    public NDArray decode(NDArray latents) {
        NDArray colours = latents.get(":, :3");
        return Ops.upsampleNearest(
                colours,
                PIXELS * colours.getShape().get(2),
                PIXELS * colours.getShape().get(3));
    }

    @Override
    public void images(NDArray latents, Runnable beforeEach, Consumer<BufferedImage> each) {
        beforeEach.run();
        Images.of(decode(latents)).forEach(each);
    }
}
