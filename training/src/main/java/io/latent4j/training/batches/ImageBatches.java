package io.latent4j.training.batches;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.training.data.Batch;
import io.latent4j.training.data.Batches;
import io.latent4j.training.run.TrainingLoop;
import java.io.IOException;
import java.util.Optional;

/** The images that an objective without text learns from, loaded ahead. */
public final class ImageBatches implements AutoCloseable {
    private final ImageData data;
    private final int batch;
    private final int parts;
    private final TrainingLoop.Watcher watcher;
    private final BatchPrefetcher<Batch> ahead;
    private Optional<Batch> setAside = Optional.empty();

    /**
     * Begins to load nothing yet.
     *
     * @param parts batches that make up a step
     * @param multiple what the sides of images are multiples of
     */
    public ImageBatches(ImageData data, int batch, int parts, int multiple, TrainingLoop.Watcher watcher) {
        this.data = data;
        this.batch = batch;
        this.parts = parts;
        this.watcher = watcher;
        Batches batches = data.batches(batch, 0, multiple);
        this.ahead = new BatchPrefetcher<>(batches::batch, data.threads());
        data.warnings(watcher);
    }

    /** The images of part {@code part} of step {@code step}, the first being part 0 of step 1. */
    public Batch learned(long step, int part) throws IOException {
        Batch loaded = ahead.get((step - 1) * parts + part);
        data.warnings(watcher);
        return loaded;
    }

    /** The first that are set aside, a batch or fewer; empty if there are none. */
    public Optional<Batch> setAside() throws IOException {
        if (setAside.isEmpty()) {
            setAside = data.setAside(batch);
            data.warnings(watcher);
        }
        return setAside;
    }

    /** How many images a batch has. */
    public int size() {
        return batch;
    }

    /** Height and width of images. */
    public int side() {
        return data.side();
    }

    /** A batch as an array, (N, 3, H, W) in [-1, 1]. */
    public static NDArray array(Batch batch, NDManager manager) {
        return manager.create(batch.pixels(), new Shape(batch.size(), 3, batch.height(), batch.width()));
    }

    /** Gray images, (count, 3, side, side). */
    public static NDArray blank(int count, int side, NDManager manager) {
        return manager.zeros(new Shape(count, 3, side, side));
    }

    @Override
    public void close() {
        ahead.close();
    }
}
