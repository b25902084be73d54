package io.latent4j.textencoder.qwen;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.core.config.Shown;
import io.latent4j.textencoder.TextEncoderConfig;
import java.util.List;

/**
 * The shape of a Qwen3 text model, as in its {@code config.json}.
 *
 * @param vocabularySize rows of the table of tokens
 * @param width channels of a token
 * @param mlpWidth channels inside a layer's perceptron
 * @param layers how many transformer layers
 * @param heads of queries, a layer
 * @param keyValueHeads of keys and values, a layer; each serves as many heads of queries as another
 * @param headWidth channels of a head, even
 * @param normEpsilon added to the mean square
 * @param ropeTheta the base of the wavelengths that positions are turned by
 * @param maxPositions how many tokens a text may have
 */
public record Qwen3Config(
        int vocabularySize,
        int width,
        int mlpWidth,
        int layers,
        int heads,
        int keyValueHeads,
        int headWidth,
        double normEpsilon,
        double ropeTheta,
        int maxPositions)
        implements TextEncoderConfig {
    private static final Bounds POSITIONS = Bounds.of(1, 1 << 24);
    private static final Bounds THETA = Bounds.of(1, 1e12);

    /** @throws IllegalArgumentException if a size is not positive, or the heads do not go together */
    public Qwen3Config {
        positive("vocab_size", vocabularySize);
        positive("hidden_size", width);
        positive("intermediate_size", mlpWidth);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("num_key_value_heads", keyValueHeads);
        positive("head_dim", headWidth);
        positive("max_position_embeddings", maxPositions);
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException("num_attention_heads is " + heads + ", which num_key_value_heads "
                    + keyValueHeads + " does not divide");
        }
        if (headWidth % 2 != 0) {
            throw new IllegalArgumentException("head_dim is " + headWidth + "; expected an even number");
        }
        if (!(normEpsilon > 0)) {
            throw new IllegalArgumentException("rms_norm_eps is " + normEpsilon + "; expected more than 0");
        }
        if (!(ropeTheta >= 1)) {
            throw new IllegalArgumentException("rope_theta is " + ropeTheta + "; expected 1 or more");
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
     * @throws IllegalArgumentException naming the file, the key and its value, if the model is no Qwen3 or a setting is not
     *     supported
     */
    public static Qwen3Config from(Config json) {
        json.require("model_type", "qwen3");
        json.requireWithin("vocab_size", NetworkBounds.VOCABULARY);
        List.of("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads", "head_dim")
                .forEach(key -> json.requireWithin(key, NetworkBounds.WIDTH));
        json.requireWithin("num_hidden_layers", NetworkBounds.LAYERS);
        json.requireWithin("rms_norm_eps", NetworkBounds.EPSILON);
        json.requireWithin("max_position_embeddings", POSITIONS);
        json.requireWithin("rope_theta", THETA);
        json.require("hidden_act", "silu");
        json.require("attention_bias", false);
        json.require("use_sliding_window", false);
        refuseScaling(json, "rope_scaling");
        refuseScaling(json, "rope_parameters");
        try {
            return new Qwen3Config(
                    json.integer("vocab_size", 151936),
                    json.integer("hidden_size", 4096),
                    json.integer("intermediate_size", 22016),
                    json.integer("num_hidden_layers", 32),
                    json.integer("num_attention_heads", 32),
                    json.integer("num_key_value_heads", 32),
                    json.integer("head_dim", 128),
                    json.real("rms_norm_eps", 1e-6),
                    theta(json),
                    json.integer("max_position_embeddings", 32768));
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            throw message.startsWith(json.name()) ? e : new IllegalArgumentException(json.name() + ": " + message, e);
        }
    }

    /** Positions may be stretched in ways that none of the models here was trained with. */
    private static void refuseScaling(Config json, String key) {
        JsonElement found = json.json().get(key);
        if (found == null || found.isJsonNull()) {
            return;
        }
        JsonElement type = found instanceof JsonObject object ? object.get("rope_type") : found;
        if (type != null
                && !(type instanceof JsonPrimitive name && name.getAsString().equals("default"))) {
            throw json.bad(
                    key,
                    "is " + Shown.text(found.toString()) + "; only null or the rope_type \"default\" is supported");
        }
    }

    /** The newest files have it among {@code rope_parameters}. */
    private static double theta(Config json) {
        if (json.json().get("rope_parameters") instanceof JsonObject parameters
                && parameters.get("rope_theta") instanceof JsonPrimitive theta) {
            double value = theta.isNumber() ? theta.getAsDouble() : Double.NaN;
            if (!THETA.contain(value)) {
                throw json.bad(
                        "rope_parameters",
                        "has the rope_theta " + Shown.text(theta.toString()) + "; expected " + THETA);
            }
            return value;
        }
        return json.real("rope_theta", 10_000);
    }
}
