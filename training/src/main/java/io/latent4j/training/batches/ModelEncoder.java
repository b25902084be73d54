package io.latent4j.training.batches;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.CachedArray;
import io.latent4j.vae.DiagonalGaussian;

/** The autoencoder of a model that is loaded. */
public final class ModelEncoder implements ImageEncoder {
    private final Components parts;
    private final String name;

    /** Reads all of the autoencoder's weights once, for its name. */
    public ModelEncoder(Components parts) {
        this.parts = parts;
        this.name = ContentName.of(parts.vae().block(), parts.vae().config());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int latentChannels() {
        return parts.codec(Tiling.AUTO).latentChannels();
    }

    @Override
    public int pixelsPerLatent() {
        return parts.codec(Tiling.AUTO).pixelsPerLatent();
    }

    @Override
    @SuppressWarnings("try")
    public CachedArray encode(Batch image) {
        try (NDScope scope = new NDScope()) {
            NDArray pixels = Ops.cast(
                    ImageBatches.array(image, parts.manager()),
                    parts.vaePrecision().compute());
            return rows(parts.vae().encode(Pass.inference(), pixels));
        }
    }

    /** Of one image, (2C, H, W): see {@link ImageEncoder#encode}. */
    static CachedArray rows(DiagonalGaussian encoded) {
        NDArray both = Ops.cast(encoded.mean().concat(encoded.std(), 1), DataType.FLOAT32);
        return new CachedArray(both.getShape().slice(1), both.toFloatArray());
    }
}
