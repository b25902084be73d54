package io.latent4j.training.config;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConfig;
import io.latent4j.vae.AutoencoderKLConfig;
import java.util.List;
import java.util.function.Function;

/**
 * Reads what a person has written into a run file in the words of a model's own files. A key that those do not have is
 * refused here, and not in the files, which other programs write and add to.
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

    public static UNet2DConditionConfig unet(String name, JsonObject json) {
        return read(name, json, UNet2DConditionConfig::from, UNET);
    }

    public static UNet2DConfig pixelUnet(String name, JsonObject json) {
        return read(name, json, UNet2DConfig::from, PIXEL_UNET);
    }

    public static AutoencoderKLConfig autoencoder(String name, JsonObject json) {
        return read(name, json, AutoencoderKLConfig::from, AUTOENCODER);
    }

    public static ClipTextConfig textEncoder(String name, JsonObject json) {
        return read(name, json, ClipTextConfig::from, TEXT_ENCODER);
    }

    public static SchedulerConfig scheduler(String name, JsonObject json) {
        SchedulerConfig config = SchedulerConfig.from(json, name);
        config.refuseUnknownKeys();
        return config;
    }

    private static <T> T read(String name, JsonObject json, Function<Config, T> from, List<String> inert) {
        Config config = Config.of(name, json);
        T read = from.apply(config);
        for (String dropout : DROPOUTS) {
            if (config.real(dropout, 0) != 0) {
                throw config.bad(dropout, "is " + config.real(dropout) + "; expected 0, nothing else is supported");
            }
        }
        config.refuseTheRest(inert);
        return read;
    }
}
