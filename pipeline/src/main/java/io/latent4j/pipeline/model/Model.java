package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.SchedulerConfig;

/**
 * The parts of one loaded text-to-image model, behind the interfaces that a run needs. Any number of threads may use them
 * at a time; {@link #close} frees the weights, and must wait until no run uses them.
 */
public interface Model extends AutoCloseable {

    /** What to call the model: its folder's or file's name. */
    String name();

    /** Owns the weights; runs make their own managers below it. */
    NDManager manager();

    /** Prompts to conditioning. */
    TextConditioner text();

    /** Noisy latents to a prediction. */
    LatentDenoiser denoiser();

    /** Images to latents and back. */
    LatentCodec codec(Tiling tiling);

    /** The noise the model was trained with, its prediction type, and the sampler of a request that leaves it open. */
    SchedulerConfig scheduler();

    /** What a request that leaves things open gets. */
    ModelDefaults defaults();

    /**
     * Keeps the weights of {@code part} in memory until the result is closed.
     *
     * @throws java.io.UncheckedIOException if they cannot be read any more
     */
    WeightLease use(ModelPart part);

    /** {@link #use(ModelPart)} if it is {@code needed}. */
    default WeightLease use(ModelPart part, boolean needed) {
        return needed ? use(part) : () -> {};
    }

    /** The parts that adapters can change, and how adapter files name their layers. */
    AdaptableModel adaptable();

    /** Frees the weights. */
    @Override
    void close();
}
