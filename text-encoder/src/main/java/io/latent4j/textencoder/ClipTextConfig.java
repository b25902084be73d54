package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.ops.Ops;

/**
 * The shape of a CLIP text model, as in {@code text_encoder/config.json}.
 *
 * @param vocabularySize rows of the table of tokens
 * @param width channels of a token
 * @param mlpWidth channels inside a layer's perceptron
 * @param layers how many transformer layers
 * @param heads attention heads a layer; they share the width
 * @param maxPositions how many tokens a text may have
 * @param activation of the perceptrons
 * @param layerNormEpsilon added to the variance
 * @param eosTokenId the token whose state sums a text up; 2, which many files say though no CLIP has it, stands for "the
 *     token with the largest id"
 * @param projection channels that the summary is projected to; 0 for a model without projection
 */
public record ClipTextConfig(
        int vocabularySize,
        int width,
        int mlpWidth,
        int layers,
        int heads,
        int maxPositions,
        Activation activation,
        double layerNormEpsilon,
        long eosTokenId,
        int projection) {

    /** The non-linear function of a perceptron. */
    public enum Activation {
        /** {@code x · sigmoid(1.702 x)}: OpenAI's models, and so Stable Diffusion 1 and SDXL's first encoder. */
        QUICK_GELU,
        /** {@code x · Φ(x)}: OpenCLIP's models, and so Stable Diffusion 2 and SDXL's second encoder. */
        GELU;

        NDArray apply(NDArray x) {
            return switch (this) {
                case QUICK_GELU -> Ops.quickGelu(x);
                case GELU -> Ops.gelu(x);
            };
        }
    }

    /** @throws IllegalArgumentException if a size is not positive or the heads do not divide the width */
    public ClipTextConfig {
        positive("vocab_size", vocabularySize);
        positive("hidden_size", width);
        positive("intermediate_size", mlpWidth);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("max_position_embeddings", maxPositions);
        if (width % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size is " + width + ", which num_attention_heads " + heads + " does not divide");
        }
        if (!(layerNormEpsilon > 0)) {
            throw new IllegalArgumentException("layer_norm_eps is " + layerNormEpsilon + "; expected more than 0");
        }
        if (projection < 0) {
            throw new IllegalArgumentException("projection_dim is " + projection + "; expected 0 or more");
        }
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; expected 1 or more");
        }
    }

    /**
     * Takes the fields from a parsed {@code config.json}; an absent one has the reference's default.
     *
     * @param file what the file is called in an error message
     * @throws IllegalArgumentException naming the file, the field and its value, where the model is not a CLIP text model
     *     or not one that is supported
     */
    public static ClipTextConfig from(JsonObject json, String file) {
        if (!text(json, file, "model_type", "clip_text_model").equals("clip_text_model")) {
            throw bad(file, "model_type", json.get("model_type"), "only \"clip_text_model\" is supported");
        }
        try {
            return new ClipTextConfig(
                    integer(json, file, "vocab_size", 49408),
                    integer(json, file, "hidden_size", 512),
                    integer(json, file, "intermediate_size", 2048),
                    integer(json, file, "num_hidden_layers", 12),
                    integer(json, file, "num_attention_heads", 8),
                    integer(json, file, "max_position_embeddings", 77),
                    activation(json, file),
                    number(json, file, "layer_norm_eps", 1e-5),
                    integer(json, file, "eos_token_id", 49407),
                    withProjection(json, file) ? integer(json, file, "projection_dim", 512) : 0);
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            throw message.startsWith(file) ? e : new IllegalArgumentException(file + ": " + message, e);
        }
    }

    private static Activation activation(JsonObject json, String file) {
        return switch (text(json, file, "hidden_act", "quick_gelu")) {
            case "quick_gelu" -> Activation.QUICK_GELU;
            case "gelu" -> Activation.GELU;
            default ->
                throw bad(file, "hidden_act", json.get("hidden_act"), "only \"quick_gelu\" and \"gelu\" are supported");
        };
    }

    private static boolean withProjection(JsonObject json, String file) {
        if (!has(json, "architectures")) {
            return false;
        }
        return switch (json.get("architectures").toString()) {
            case "[\"CLIPTextModel\"]" -> false;
            case "[\"CLIPTextModelWithProjection\"]" -> true;
            default ->
                throw bad(
                        file,
                        "architectures",
                        json.get("architectures"),
                        "only [\"CLIPTextModel\"] and [\"CLIPTextModelWithProjection\"] are supported");
        };
    }

    private static int integer(JsonObject json, String file, String key, int absent) {
        double value = number(json, file, key, absent);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw bad(file, key, json.get(key), "expected a whole number");
        }
        return (int) value;
    }

    private static double number(JsonObject json, String file, String key, double absent) {
        if (!has(json, key)) {
            return absent;
        }
        if (!json.get(key).isJsonPrimitive() || !json.getAsJsonPrimitive(key).isNumber()) {
            throw bad(file, key, json.get(key), "expected a number");
        }
        return json.get(key).getAsDouble();
    }

    private static String text(JsonObject json, String file, String key, String absent) {
        if (!has(json, key)) {
            return absent;
        }
        if (!json.get(key).isJsonPrimitive()) {
            throw bad(file, key, json.get(key), "expected text");
        }
        return json.get(key).getAsString();
    }

    private static boolean has(JsonObject json, String key) {
        return json.has(key) && !json.get(key).isJsonNull();
    }

    private static IllegalArgumentException bad(String file, String key, JsonElement value, String expected) {
        return new IllegalArgumentException(file + ": " + key + " is " + value + "; " + expected);
    }
}
