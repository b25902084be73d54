package io.latent4j.training.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.training.TinyModels;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class WrittenConfigTest {
    private static JsonObject json(String text) {
        return JsonParser.parseString(text).getAsJsonObject();
    }

    private static Config config(JsonObject json) {
        return Config.of("run.yaml: it", json);
    }

    private static void refused(Function<Config, ?> read, String json, String... messages) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(json(json)).collect(read::apply))
                .withMessageStartingWith("run.yaml: it: ")
                .withMessageContainingAll(messages);
    }

    @Test
    void takesAllKeysOfTheReferencesTextEncoder() {
        assertThat(WrittenConfig.textEncoder(config(json("""
                {"_name_or_path": "x", "architectures": ["CLIPTextModel"], "attention_dropout": 0.0, "bos_token_id": 0,
                 "dropout": 0.0, "eos_token_id": 2, "hidden_act": "quick_gelu", "hidden_size": 768,
                 "initializer_factor": 1.0, "initializer_range": 0.02, "intermediate_size": 3072,
                 "layer_norm_eps": 1e-05, "max_position_embeddings": 77, "model_type": "clip_text_model",
                 "num_attention_heads": 12, "num_hidden_layers": 12, "pad_token_id": 1, "projection_dim": 768,
                 "torch_dtype": "float32", "transformers_version": "4.22.0", "vocab_size": 49408}
                """))).orElseThrow().width())
                .isEqualTo(768);
    }

    @Test
    void takesKeysOfTheReferencesThatDoNothing() {
        JsonObject unet = TinyModels.unetConfig();
        unet.addProperty("_diffusers_version", "0.6.0");
        unet.addProperty("upcast_attention", false);
        unet.addProperty("dropout", 0.0);
        assertThat(WrittenConfig.unet(config(unet)).orElseThrow().crossAttentionDim())
                .isEqualTo(16);
        String noise = "{\"_class_name\": \"PNDMScheduler\", \"skip_prk_steps\": true, \"use_karras_sigmas\": false,"
                + " \"solver_p\": null, \"trained_betas\": null, \"set_alpha_to_one\": false}";
        assertThat(WrittenConfig.scheduler(config(new JsonObject()), json(noise))
                        .orElseThrow()
                        .trainingTimesteps())
                .isEqualTo(1000);
    }

    @Test
    void refusesMisspeltKeysAndNamesTheNearest() {
        refused(
                WrittenConfig::unet,
                "{\"block_out_chanels\": [32, 32]}",
                "block_out_chanels is no key here, the nearest is \"block_out_channels\"");
        refused(
                WrittenConfig::pixelUnet,
                "{\"norm_groups\": 8}",
                "norm_groups is no key here, the nearest is \"norm_eps\"");
        refused(
                WrittenConfig::autoencoder,
                "{\"latent_chanels\": 3}",
                "latent_chanels is no key here, the nearest is \"latent_channels\"");
        refused(
                WrittenConfig::textEncoder,
                "{\"num_layers\": 3, \"hidden_siz\": 64}",
                "num_layers is no key here, the nearest is \"num_hidden_layers\"",
                "hidden_siz is no key here, the nearest is \"hidden_size\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WrittenConfig.scheduler(config(new JsonObject()), json("{\"beta_strt\": 0.1}")))
                .withMessageStartingWith(
                        "run.yaml: it: scheduler: beta_strt is no key of schedulers; the nearest are beta_start, ");
    }

    @Test
    void refusesADropoutThatWouldNotBeDone() {
        refused(WrittenConfig::unet, "{\"dropout\": 0.1}", "dropout is 0.1; expected 0, nothing else is supported");
    }
}
