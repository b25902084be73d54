package io.latent4j.textencoder;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.NetworkBounds;
import io.latent4j.core.config.Shown;
import io.latent4j.core.ops.Ops;
import java.util.List;

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
        int projection)
        implements TextEncoderConfig {

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
     * Reads the {@code text_encoder/config.json} of a diffusers folder; an absent key has the reference's own default.
     *
     * @throws IllegalArgumentException naming the file, the key and its value, if the model is no CLIP text model or a
     *     setting is not supported
     */
    public static ClipTextConfig from(Config json) {
        json.require("model_type", "clip_text_model");
        json.requireWithin("vocab_size", NetworkBounds.VOCABULARY);
        List.of("hidden_size", "intermediate_size", "num_attention_heads", "max_position_embeddings", "projection_dim")
                .forEach(key -> json.requireWithin(key, NetworkBounds.WIDTH));
        json.requireWithin("num_hidden_layers", NetworkBounds.LAYERS);
        json.requireWithin("layer_norm_eps", NetworkBounds.EPSILON);
        boolean withProjection = withProjection(json);
        Activation activation = activation(json);
        try {
            return new ClipTextConfig(
                    json.integer("vocab_size", 49408),
                    json.integer("hidden_size", 512),
                    json.integer("intermediate_size", 2048),
                    json.integer("num_hidden_layers", 12),
                    json.integer("num_attention_heads", 8),
                    json.integer("max_position_embeddings", 77),
                    activation,
                    json.real("layer_norm_eps", 1e-5),
                    json.integer("eos_token_id", 49407),
                    withProjection ? json.integer("projection_dim", 512) : 0);
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            throw message.startsWith(json.name()) ? e : new IllegalArgumentException(json.name() + ": " + message, e);
        }
    }

    private static Activation activation(Config json) {
        String name = json.text("hidden_act", "quick_gelu");
        return switch (name) {
            case "quick_gelu" -> Activation.QUICK_GELU;
            case "gelu" -> Activation.GELU;
            default ->
                throw json.bad("hidden_act", "is \"" + name + "\"; only \"quick_gelu\" and \"gelu\" are supported");
        };
    }

    private static boolean withProjection(Config json) {
        List<String> names = json.texts("architectures", List.of("CLIPTextModel"));
        if (names.equals(List.of("CLIPTextModel"))) {
            return false;
        }
        if (names.equals(List.of("CLIPTextModelWithProjection"))) {
            return true;
        }
        throw json.bad(
                "architectures",
                "is " + Shown.values(names)
                        + "; only \"CLIPTextModel\" and \"CLIPTextModelWithProjection\" are supported");
    }
}
