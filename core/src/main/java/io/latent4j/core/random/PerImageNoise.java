package io.latent4j.core.random;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.BiFunction;

/** Noise for a batch in which every image has a generator of its own, so that it does not depend on its neighbours. */
final class PerImageNoise implements NoiseSource {

    private final List<TorchRandom> images;

    /** Image {@code i} draws from the i-th of {@code seeds}. */
    PerImageNoise(List<Long> seeds) {
        checkArgument(!seeds.isEmpty(), "the number of images is %s; expected at least 1", seeds.size());
        images = seeds.stream().map(TorchRandom::new).toList();
    }

    @Override
    public NDArray like(NDArray latents) {
        return draw(latents, TorchRandom::normal);
    }

    @Override
    public NDArray between(NDArray latents, double from, double to) {
        return draw(latents, (image, size) -> image.between(size, from, to));
    }

    private NDArray draw(NDArray latents, BiFunction<TorchRandom, Integer, float[]> values) {
        Shape shape = latents.getShape();
        checkArgument(
                shape.dimension() > 0 && shape.get(0) == images.size(),
                "the latents have shape %s; expected %s images along axis 0",
                shape,
                images.size());
        int size = Math.toIntExact(shape.size() / images.size());
        float[] all = new float[Math.multiplyExact(size, images.size())];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(values.apply(images.get(i), size), 0, all, i * size, size);
        }
        return TorchRandom.like(latents, all);
    }
}
