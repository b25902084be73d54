package io.latent4j.textencoder.t5;

import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.textencoder.TextEncoderConfig;
import java.util.List;

/**
 * The shape of a T5 encoder of version 1.1, as in its {@code config.json}.
 *
 * @param vocabularySize rows of the table of tokens
 * @param width channels of a token
 * @param headWidth channels of an attention head; those of all heads together may differ from {@code width}
 * @param mlpWidth channels inside a layer's perceptron
 * @param layers how many transformer layers
 * @param heads attention heads a layer
 * @param buckets of distances between tokens, half of them for either direction
 * @param maxDistance from which on all distances share a bucket
 * @param normEpsilon added to the mean square
 * @param maxPositions how many tokens a text may have
 * @param eosTokenId the token that ends a text
 */
public record T5Config(
        int vocabularySize,
        int width,
        int headWidth,
        int mlpWidth,
        int layers,
        int heads,
        int buckets,
        int maxDistance,
        double normEpsilon,
        int maxPositions,
        long eosTokenId)
        implements TextEncoderConfig {

    /** @throws IllegalArgumentException if a size is not positive, or the buckets do not fit the distance */
    public T5Config {
        positive("vocab_size", vocabularySize);
        positive("d_model", width);
        positive("d_kv", headWidth);
        positive("d_ff", mlpWidth);
        positive("num_layers", layers);
        positive("num_heads", heads);
        positive("n_positions", maxPositions);
        if (buckets < 4 || buckets % 4 != 0) {
            throw new IllegalArgumentException(
                    "relative_attention_num_buckets is " + buckets + "; expected a multiple of 4 from 4");
        }
        if (maxDistance <= buckets / 4) {
            throw new IllegalArgumentException("relative_attention_max_distance is " + maxDistance
                    + "; expected more than a quarter of relative_attention_num_buckets, " + buckets);
        }
        if (!(normEpsilon > 0)) {
            throw new IllegalArgumentException("layer_norm_epsilon is " + normEpsilon + "; expected more than 0");
        }
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; expected 1 or more");
        }
    }

    /** No embedding of the whole text. */
    @Override
    public int projection() {
        return 0;
    }

    /**
     * Reads the {@code config.json} of a text encoder's folder; an absent key has the reference's own default.
     *
     * @throws IllegalArgumentException naming the file, the key and its value, if the model is no T5 of version 1.1 or a
     *     setting is not supported
     */
    public static T5Config from(Config json) {
        json.require("model_type", "t5");
        json.requireWithin("vocab_size", NetworkBounds.VOCABULARY);
        List.of(
                        "d_model",
                        "d_kv",
                        "d_ff",
                        "num_heads",
                        "relative_attention_num_buckets",
                        "relative_attention_max_distance",
                        "n_positions")
                .forEach(key -> json.requireWithin(key, NetworkBounds.WIDTH));
        json.requireWithin("num_layers", NetworkBounds.LAYERS);
        json.requireWithin("layer_norm_epsilon", NetworkBounds.EPSILON);
        String perceptron = json.text("feed_forward_proj", "relu");
        if (!perceptron.equals("gated-gelu")) {
            throw json.bad(
                    "feed_forward_proj",
                    "is \"" + perceptron + "\"; only \"gated-gelu\" is supported, which T5 has from version 1.1 on");
        }
        String activation = json.text("dense_act_fn", "gelu_new");
        if (!activation.equals("gelu_new")) {
            throw json.bad("dense_act_fn", "is \"" + activation + "\"; only \"gelu_new\" is supported");
        }
        try {
            return new T5Config(
                    json.integer("vocab_size", 32128),
                    json.integer("d_model", 512),
                    json.integer("d_kv", 64),
                    json.integer("d_ff", 2048),
                    json.integer("num_layers", 6),
                    json.integer("num_heads", 8),
                    json.integer("relative_attention_num_buckets", 32),
                    json.integer("relative_attention_max_distance", 128),
                    json.real("layer_norm_epsilon", 1e-6),
                    json.integer("n_positions", 512),
                    json.integer("eos_token_id", 1));
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            throw message.startsWith(json.name()) ? e : new IllegalArgumentException(json.name() + ": " + message, e);
        }
    }
}
