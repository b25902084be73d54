package io.latent4j.core.random;

import static com.google.common.base.Preconditions.checkArgument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.LongStream;

/** Noise for a batch in which every image has a generator of its own, so that it does not depend on its neighbours. */
final class PerImageNoise implements NoiseSource {

    private final List<TorchRandom> images;

    /** Image {@code i} of {@code count} draws from the seed {@code firstSeed + i}. */
    PerImageNoise(long firstSeed, int count) {
        checkArgument(count > 0, "the number of images is %s; expected at least 1", count);
        images = LongStream.range(0, count)
                .mapToObj(i -> new TorchRandom(firstSeed + i))
                .toList();
    }

    @Override
    public NDArray like(NDArray latents) {
        Shape shape = latents.getShape();
        checkArgument(
                shape.dimension() > 0 && shape.get(0) == images.size(),
                "the latents have shape %s; expected %s images along axis 0",
                shape,
                images.size());
        int size = Math.toIntExact(shape.size() / images.size());
        float[] values = new float[Math.multiplyExact(size, images.size())];
        for (int i = 0; i < images.size(); i++) {
            System.arraycopy(images.get(i).normal(size), 0, values, i * size, size);
        }
        return TorchRandom.like(latents, values);
    }
}
