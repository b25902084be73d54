package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.memory.Leases;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.Checkpoint;
import io.latent4j.pipeline.files.AutoencoderFiles;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.vae.Autoencoder;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/**
 * Shows the steps of a run, at a fraction of the work of the model's own autoencoder: a tiny one, or a linear map that comes
 * near to the model's. See {@code TextToImagePipeline.withPreviews}. Any number of threads may use it at a time.
 */
public final class PreviewDecoder implements AutoCloseable {
    /** Parameters of an autoencoder that costs less than the step it shows; that of Stable Diffusion has 84 million. */
    private static final long SMALL = 10_000_000;

    private final NDManager manager;
    private final Function<NDArray, List<BufferedImage>> decoder;
    private final Leases leases = new Leases("the preview decoder");

    private PreviewDecoder(NDManager manager, Function<NDArray, List<BufferedImage>> decoder) {
        this.manager = manager;
        this.decoder = decoder;
    }

    /** The model's own autoencoder, if that is small, or else the linear map that comes near to it. */
    static PreviewDecoder of(Components parts) {
        if (parts.vae().block().parameterCount() > SMALL) {
            return linear(parts);
        }
        return new PreviewDecoder(parts.manager().newSubManager(), parts.codec(Tiling.AUTO)::images);
    }

    static PreviewDecoder linear(Components parts) {
        LinearDecoder linear = LinearDecoder.fit(parts.codec(Tiling.AUTO), parts.manager());
        return new PreviewDecoder(parts.manager().newSubManager(), linear::images);
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
            Scopes.outliving(manager, () -> {
                autoencoder.block().load(weights, manager, Precision.FLOAT32, autoencoder::keyOf);
                return autoencoder;
            });
            LatentCodec codec = new AutoencoderCodec(autoencoder, PartWeights.loaded(), DataType.FLOAT32, Tiling.AUTO);
            return new PreviewDecoder(manager, codec::images);
        } catch (IOException | RuntimeException | Error e) {
            manager.close();
            throw e;
        }
    }

    /** The images of latents, (N, channels, h, w). */
    public List<BufferedImage> images(NDArray latents) {
        return decoder.apply(latents);
    }

    /**
     * Keeps the weights until the result is closed; pipelines do so for each run.
     *
     * @throws io.latent4j.core.memory.ResourceClosedException if this is closed
     */
    public Leases.Lease lease() {
        return leases.lease();
    }

    /** Ends the runs that use this at their next step, waits for them, and frees the weights. */
    @Override
    public void close() {
        leases.close(manager::close);
    }
}
