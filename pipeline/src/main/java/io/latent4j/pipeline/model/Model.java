package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.memory.Leases;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.config.SchedulerConfig;

/**
 * The parts of one loaded text-to-image model, behind the interfaces that a run needs. Any number of threads may use them
 * at a time; {@link #close} ends the runs that use them at their next step, waits for them and frees the weights.
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

    /**
     * Keeps the weights until the result is closed; pipelines do so for each run.
     *
     * @throws io.latent4j.core.memory.ResourceClosedException if this is closed
     */
    Leases.Lease lease();

    /** Whether weights are in memory only while they are used: see {@link Placement}. */
    default boolean offloads() {
        return false;
    }

    /** The parts that adapters can change, and how adapter files name their layers. */
    AdaptableModel adaptable();

    /**
     * Frees the weights. New runs are refused, and running ones end at their next step with a {@link
     * io.latent4j.core.memory.ResourceClosedException}; this waits for them.
     *
     * @throws IllegalStateException if the calling thread is in a run of this model, a listener's for instance
     */
    @Override
    void close();
}
