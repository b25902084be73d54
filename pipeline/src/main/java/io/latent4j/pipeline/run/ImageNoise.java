package io.latent4j.pipeline.run;

import io.latent4j.core.random.NoiseSource;
import io.latent4j.pipeline.request.Batch;
import java.util.stream.IntStream;

/** The noise of images: each has that of its own seed, whatever batch it is in. */
public final class ImageNoise {
    private ImageNoise() {}

    /** The noise of images {@code first} to {@code first + images - 1} of a batch that has a seed. */
    public static NoiseSource of(Batch batch, int first, int images) {
        NoiseSource own = NoiseSource.perImage(
                IntStream.range(first, first + images).mapToObj(batch::seed).toList());
        return batch.variation()
                .map(v -> NoiseSource.mixed(own, NoiseSource.perImage(v.seed() + first, images), v.strength()))
                .orElse(own);
    }
}
