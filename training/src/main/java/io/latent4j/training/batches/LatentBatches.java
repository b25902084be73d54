package io.latent4j.training.batches;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.List;

/** Where a text-conditioned diffusion gets what it learns from. Asked outside of scopes and of gradients. */
public interface LatentBatches {
    /** Part {@code part} of step {@code step}, the first being part 0 of step 1; the same whenever it is asked for. */
    LatentBatch learned(long step, int part) throws IOException;

    /** How many images a batch has. */
    int size();

    /** Of one image's latents, (C, H, W); in buckets those of the square one. */
    Shape shape();

    /** Some that are not learned from, in batches, always the same; none if there are none. */
    List<LatentBatch> setAside() throws IOException;
}
