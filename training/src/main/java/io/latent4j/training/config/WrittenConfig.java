package io.latent4j.training.config;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.vae.AutoencoderKLConfig;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads what a person has written into a run file in the words of a model's own files. A key that those do not have is
 * refused here, but not in those files, which other programs write and add to.
 */
public final class WrittenConfig {
    /** Keys of the reference implementation that do nothing where training begins anew, or are read in some cases only. */
    private static final List<String> UNET = List.of(
            "addition_embed_type_num_heads",
            "addition_time_embed_dim",
            "attention_head_dim",
            "num_attention_heads",
            "projection_class_embeddings_input_dim",
            "upcast_attention");

    private static final List<String> PIXEL_UNET = List.of("sample_size", "num_train_timesteps");
    private static final List<String> AUTOENCODER = List.of("sample_size");
    private static final List<String> TEXT_ENCODER = List.of(
            "bos_token_id",
            "initializer_factor",
            "initializer_range",
            "pad_token_id",
            "projection_dim",
            "torch_dtype",
            "transformers_version");
    private static final List<String> DROPOUTS = List.of("dropout", "attention_dropout");

    private WrittenConfig() {}

    /** That of a text-conditioned UNet; empty where its problems are noted: {@link Config#collect}. */
    public static Optional<UNet2DConditionConfig> unet(Config written) {
        return read(written, UNet2DConditionConfig::from, UNET);
    }

    /** That of a UNet without text; empty where its problems are noted. */
    public static Optional<UNet2DConfig> pixelUnet(Config written) {
        return read(written, UNet2DConfig::from, PIXEL_UNET);
    }

    /** That of an autoencoder; empty where its problems are noted. */
    public static Optional<AutoencoderKLConfig> autoencoder(Config written) {
        return read(written, AutoencoderKLConfig::from, AUTOENCODER);
    }

    /** That of a text encoder; empty where its problems are noted. */
    public static Optional<ClipTextConfig> textEncoder(Config written) {
        return read(written, ClipTextConfig::from, TEXT_ENCODER);
    }

    /**
     * That of a scheduler; empty where its problems are noted.
     *
     * @param file the settings whose {@code scheduler} it is
     */
    public static Optional<SchedulerConfig> scheduler(Config file, JsonObject written) {
        return file.checked(() -> {
            SchedulerConfig config = SchedulerConfig.from(written, file.name() + ": scheduler");
            config.refuseUnknownKeys();
            return config;
        });
    }

    /**
     * A scheduler that a model is sampled with; empty where it cannot be, which is noted: without {@code _class_name}, for
     * instance, or with a setting that its method has not.
     *
     * @param file the settings whose {@code scheduler} it is
     */
    public static Optional<SchedulerConfig> sampling(Config file, SchedulerConfig config) {
        return file.checked(() -> {
            Schedulers.from(config); // as the first sample would do
            return config;
        });
    }

    private static <T> Optional<T> read(Config written, Function<Config, T> from, List<String> inert) {
        written.accept(inert);
        for (String dropout : DROPOUTS) {
            if (written.real(dropout, 0) != 0) {
                written.refuse(dropout, "is " + written.real(dropout, 0) + "; expected 0, nothing else is supported");
            }
        }
        Optional<T> read = written.checked(() -> from.apply(written));
        if (read.isEmpty()) {
            written.accept(written.keys()); // what it would have read is not known
        }
        written.refuseTheRest();
        return read;
    }
}
