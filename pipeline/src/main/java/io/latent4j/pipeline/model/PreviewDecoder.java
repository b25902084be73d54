package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Counted;
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
    static PreviewDecoder of(Model model) {
        LatentCodec codec = model.codec(Tiling.AUTO);
        return codec.parameters() > SMALL
                ? linear(model)
                : new PreviewDecoder(model.manager().newSubManager(), codec::images);
    }

    static PreviewDecoder linear(Model model) {
        LinearDecoder linear = LinearDecoder.fit(model.codec(Tiling.AUTO), model.manager());
        return new PreviewDecoder(model.manager().newSubManager(), linear::images);
    }

    static PreviewDecoder load(AutoencoderFiles files, Model model) throws IOException {
        Autoencoder autoencoder = Autoencoder.of(files.config());
        int expected = model.codec(Tiling.AUTO).latentChannels();
        if (autoencoder.config().latentChannels() != expected) {
            throw new IllegalArgumentException(files.location() + ": decodes latents of "
                    + Counted.of(autoencoder.config().latentChannels(), "channel") + "; expected " + expected + ", as "
                    + model.name() + " has");
        }
        NDManager manager = model.manager().newSubManager();
        try (Checkpoint weights = files.weights()) {
            Scopes.outliving(manager, () -> {
                autoencoder.block().load(weights, manager, Precision.FLOAT32, autoencoder::keyOf);
                return autoencoder;
            });
            return new PreviewDecoder(manager, AutoencoderCodec.of(autoencoder, DataType.FLOAT32)::images);
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
