package io.latent4j.training.batches;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.CachedArray;
import io.latent4j.vae.AutoencoderKL;
import io.latent4j.vae.AutoencoderKLConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The autoencoder in a folder, which is in memory only while there is something to encode. */
public final class FolderEncoder implements ImageEncoder {
    private final Path folder;
    private final AutoencoderKLConfig config;
    private final String name;
    private final NDManager manager;
    private Optional<Loaded> loaded = Optional.empty();

    /** An autoencoder and what owns its weights. */
    private record Loaded(NDManager manager, AutoencoderKL model) {}

    /** Loads nothing yet; weights go to the device of {@code manager}. */
    public FolderEncoder(Path folder, AutoencoderKLConfig config, NDManager manager) throws IOException {
        this.folder = folder;
        this.config = config;
        this.name = ContentName.of(folder);
        this.manager = manager;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int latentChannels() {
        return config.latentChannels();
    }

    @Override
    public int pixelsPerLatent() {
        return config.downscale();
    }

    @Override
    @SuppressWarnings("try")
    public CachedArray encode(Batch image) throws IOException {
        AutoencoderKL model = model();
        try (NDScope scope = new NDScope()) {
            NDArray pixels = ImageBatches.array(image, manager);
            return ModelEncoder.rows(model.encode(Pass.inference(), pixels));
        }
    }

    private AutoencoderKL model() throws IOException {
        if (loaded.isEmpty()) {
            NDManager passing = manager.newSubManager();
            loaded = Optional.of(new Loaded(passing, AutoencoderKL.load(folder, passing, Precision.FLOAT32)));
        }
        return loaded.get().model;
    }

    @Override
    public void release() {
        loaded.ifPresent(it -> it.manager.close());
        loaded = Optional.empty();
    }
}
