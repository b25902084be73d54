package io.latent4j.pipeline;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.pipeline.files.AutoencoderFiles;
import io.latent4j.vae.Autoencoder;
import java.io.IOException;

/**
 * An autoencoder that shows the steps of a run, at a fraction of the work of the model's own: see {@link
 * StableDiffusionPipeline#withPreviews}. Any number of threads may use it at a time.
 */
public final class PreviewDecoder implements AutoCloseable {
    private final NDManager manager;
    private final LatentCodec codec;

    private PreviewDecoder(NDManager manager, LatentCodec codec) {
        this.manager = manager;
        this.codec = codec;
    }

    static PreviewDecoder load(AutoencoderFiles files, Components parts) throws IOException {
        Autoencoder autoencoder = Autoencoder.of(files.config());
        int expected = parts.vae().config().latentChannels();
        if (autoencoder.config().latentChannels() != expected) {
            throw new IllegalArgumentException(files.location() + ": decodes latents of "
                    + autoencoder.config().latentChannels() + " channels; expected " + expected + ", as "
                    + parts.name() + " has");
        }
        NDManager manager = parts.manager().newSubManager();
        try (Checkpoint weights = files.weights()) {
            autoencoder.block().load(weights, manager, DataType.FLOAT32, autoencoder::keyOf);
            return new PreviewDecoder(
                    manager, new LatentCodec(autoencoder, PartWeights.loaded(), DataType.FLOAT32, Tiling.AUTO));
        } catch (IOException | RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    LatentCodec codec() {
        return codec;
    }

    /** Frees the weights. */
    @Override
    public void close() {
        manager.close();
    }
}
