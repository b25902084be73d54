package io.latent4j.pipeline.model.transformer;

import ai.djl.ndarray.types.DataType;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.vae.AutoencoderConfig;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a model of a family of transformers is made of, before its weights are there. Closing it closes the tokenizers. */
public interface TransformerParts extends AutoCloseable {

    /** The denoiser's network. */
    NamedBlock transformer();

    /** The text encoders, in the order of their folders. */
    List<Encoder> texts();

    /**
     * A text encoder.
     *
     * @param folder what its folder is called
     * @param part what adapters call it
     * @param names today's name of a stored weight; empty for one to leave out
     */
    record Encoder(String folder, LoraPart part, NamedBlock block, Function<String, Optional<String>> names) {}

    /** Reads texts. */
    TextEncoding encoding();

    /** The network behind what a run asks of it, computing in {@code type}. */
    TransformerDenoiser denoiser(DataType type);

    /**
     * Checks that the denoiser works on the latents of an autoencoder.
     *
     * @param place the model's files, for messages
     * @throws IllegalArgumentException if not
     */
    void checkLatents(AutoencoderConfig autoencoder, String place);

    /** A scheduler's settings with what the family's runs do besides, unless they say it themselves. */
    default SchedulerConfig scheduler(SchedulerConfig settings) {
        return settings;
    }

    /**
     * What a request that leaves things open gets.
     *
     * @param index {@code model_index.json}
     * @param downscale how many pixels of a side one latent stands for
     */
    ModelDefaults defaults(Config index, SchedulerConfig scheduler, int downscale);

    @Override
    void close();
}
