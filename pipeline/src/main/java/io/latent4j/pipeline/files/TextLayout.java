package io.latent4j.pipeline.files;

import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A CLIP text encoder in a single file.
 *
 * @param part {@code text_encoder}, or {@code text_encoder_2} with {@code tokenizer_2}
 * @param prefix of its keys
 * @param source who trained it, and so how it lies in the file
 * @param projects whether it has a projection
 * @param unusedLayers how many layers the file has at the end that are not run, and are none of the part's
 */
public record TextLayout(String part, String prefix, Source source, boolean projects, int unusedLayers) {
    private static final int HEAD_CHANNELS = 64;
    private static final String BLOCKS = "transformer.resblocks.";

    /** Who trained an encoder. */
    public enum Source {
        /** Today's keys behind a prefix. */
        OPENAI("quick_gelu"),
        /** Queries, keys and values in one tensor, and texts are filled up with another token. */
        OPENCLIP("gelu");

        private final String activation;

        Source(String activation) {
            this.activation = activation;
        }
    }

    String tokenizer() {
        return part.replace("text_encoder", "tokenizer");
    }

    String className() {
        return projects ? "CLIPTextModelWithProjection" : "CLIPTextModel";
    }

    Optional<String> padding() {
        return source == Source.OPENCLIP ? Optional.of("!") : Optional.empty();
    }

    /** Whether a config.json is of an encoder of this source. */
    public boolean fits(Config config) {
        return config.text("hidden_act", "quick_gelu").equals(source.activation);
    }

    PartLayout part(Config config) {
        ClipTextConfig shape = ClipTextConfig.from(config);
        OriginalNames names =
                source == Source.OPENCLIP ? new OpenClipNames(prefix, shape) : new OpenAiClipNames(prefix);
        return new PartLayout(new ClipTextModel(shape).shapes(), names::origin);
    }

    /** The layers that are not run, of zeros: such a layer passes on what it is given. */
    Map<String, OriginalTensor> unused(Map<String, OriginalTensor> tensors) {
        Map<String, OriginalTensor> unused = new LinkedHashMap<>();
        String blocks = prefix + BLOCKS;
        long layers = tensors.keySet().stream()
                .filter(key -> key.startsWith(blocks) && key.endsWith("ln_1.weight"))
                .count();
        for (int i = 0; i < unusedLayers; i++) {
            String last = blocks + (layers + i);
            tensors.forEach((key, tensor) -> {
                if (key.startsWith(blocks + "0.")) {
                    unused.put(last + key.substring((blocks + "0").length()), OriginalTensor.zeros(tensor.shape()));
                }
            });
        }
        return unused;
    }

    /** The settings that a folder holds in {@code config.json}. */
    JsonObject settings(FileTensors tensors) {
        JsonObject json = source == Source.OPENCLIP ? openClip(tensors) : openAi(tensors);
        json.addProperty("hidden_act", source.activation);
        json.add("architectures", FileTensors.texts(Stream.of(className())));
        return json;
    }

    private JsonObject openAi(FileTensors tensors) {
        String text = tensors.begins(prefix + "text_model.") ? prefix + "text_model." : prefix;
        JsonObject json = settings(
                tensors,
                text + "embeddings.token_embedding.weight",
                text + "embeddings.position_embedding.weight",
                text + "encoder.layers.0.mlp.fc1.weight");
        json.addProperty("num_hidden_layers", tensors.count(text + "encoder.layers."));
        return json;
    }

    private JsonObject openClip(FileTensors tensors) {
        JsonObject json = settings(
                tensors,
                prefix + "token_embedding.weight",
                prefix + "positional_embedding",
                prefix + BLOCKS + "0.mlp.c_fc.weight");
        json.addProperty("num_hidden_layers", tensors.count(prefix + BLOCKS) - unusedLayers);
        if (projects) {
            json.addProperty("projection_dim", tensors.size(prefix + "text_projection", 1));
        }
        return json;
    }

    private static JsonObject settings(FileTensors tensors, String tokens, String positions, String perceptron) {
        long width = tensors.size(tokens, 1);
        JsonObject json = new JsonObject();
        json.addProperty("model_type", "clip_text_model");
        json.addProperty("vocab_size", tensors.size(tokens, 0));
        json.addProperty("hidden_size", width);
        json.addProperty("num_attention_heads", Math.max(width / HEAD_CHANNELS, 1));
        json.addProperty("max_position_embeddings", tensors.size(positions, 0));
        json.addProperty("intermediate_size", tensors.size(perceptron, 0));
        json.addProperty("layer_norm_eps", 1e-5);
        json.addProperty("bos_token_id", 0);
        json.addProperty("eos_token_id", 2);
        return json;
    }
}
