package io.latent4j.pipeline.model;

import ai.djl.ndarray.NDManager;
import io.latent4j.core.memory.Leases;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.Lora;
import io.latent4j.pipeline.files.AutoencoderFiles;
import io.latent4j.pipeline.files.ControlNetFiles;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.LearnedWord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

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

    /** What was ignored of the model's files, or disagrees in them, a sentence each; generations have them too. */
    default List<String> warnings() {
        return List.of();
    }

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
     * Reads an adapter file for this model, which stays as it is: see {@link
     * io.latent4j.pipeline.TextToImagePipeline#withAdapters}. The caller closes it, before this.
     *
     * @throws IOException if the file is damaged, or holds no adapter of a kind that is supported
     * @throws IllegalArgumentException if it is for another kind of model
     */
    default Lora lora(Path file) throws IOException {
        try (Leases.Lease lease = lease()) {
            return Lora.load(file, adaptable(), manager());
        }
    }

    /** This model under another scheduler file. The weights are shared: closing either frees them for both. */
    Model withScheduler(SchedulerConfig scheduler);

    /**
     * This model with words that were learned for it (textual inversion), and no others. The weights are shared: closing
     * either frees them for both. The words' vectors stay the caller's, and must be open while this is used.
     *
     * @throws IllegalArgumentException if one is for other text encoders, or is there twice, or the model takes none
     */
    default Model withWords(List<LearnedWord> words) {
        if (words.isEmpty()) {
            return this;
        }
        throw takesNo("learned words");
    }

    /**
     * The learned words that none of the texts has.
     *
     * @param texts with the words as they are written
     */
    default List<String> unusedWords(List<String> texts) {
        return List.of();
    }

    /**
     * The learned words that an adapter file brings, for {@link #withWords}. Their vectors are freed with this model's
     * weights, and stay when the adapter is closed. None for a model that takes none.
     *
     * @throws IllegalArgumentException if they are not of one or two text encoders
     */
    default List<LearnedWord> words(Lora lora) {
        return List.of();
    }

    /**
     * Loads a control network for the denoiser: see {@link ControlNetFiles} for what {@code path} may be. The caller closes
     * it, before this.
     *
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if it is for another kind of model, or there are none for this kind
     */
    default ControlNet controlNet(Path path) throws IOException {
        return controlNet(Names.of(path), ControlNetFiles.of(path));
    }

    /** {@link #controlNet(Path)} of a folder or file of that name, or a name on the hub. */
    default ControlNet controlNet(String name) throws IOException {
        return controlNet(name, Names.locator().controlNet(name));
    }

    /** {@link #controlNet(Path)} of files that are already known, called {@code name}. */
    default ControlNet controlNet(String name, ControlNetFiles files) throws IOException {
        throw takesNo("control networks");
    }

    private IllegalArgumentException takesNo(String what) {
        return new IllegalArgumentException(
                "the model " + name() + " takes no " + what + "; expected a model of Stable Diffusion");
    }

    /**
     * Loads an autoencoder to show steps with, a tiny one as a rule: see {@link AutoencoderFiles} for what {@code path} may
     * be. The caller closes it, before this.
     *
     * @throws IOException if a file is missing or damaged
     * @throws IllegalArgumentException if it is for other latents
     */
    default PreviewDecoder previews(Path path) throws IOException {
        return previews(AutoencoderFiles.of(path));
    }

    /** {@link #previews(Path)} of a folder or file of that name, or a name on the hub. */
    default PreviewDecoder previews(String name) throws IOException {
        return previews(Names.locator().autoencoder(name));
    }

    /** {@link #previews(Path)} of files that are already known. */
    default PreviewDecoder previews(AutoencoderFiles files) throws IOException {
        try (Leases.Lease lease = lease()) {
            return PreviewDecoder.load(files, this);
        }
    }

    /**
     * Shows steps by the linear map from latents to colours that comes nearest to this model's codec, which encodes some
     * small images for it: composition and colours, at no cost, for any model. Where this model's codec is small, it is
     * that: its colours may depend on the whole image, which no linear map can show. The caller closes it, before this.
     */
    default PreviewDecoder linearPreviews() {
        try (Leases.Lease lease = lease()) {
            return PreviewDecoder.of(this);
        }
    }

    /**
     * Frees the weights. New runs are refused, and running ones end at their next step with a {@link
     * io.latent4j.core.memory.ResourceClosedException}; this waits for them.
     *
     * @throws IllegalStateException if the calling thread is in a run of this model, a listener's for instance
     */
    @Override
    void close();
}
