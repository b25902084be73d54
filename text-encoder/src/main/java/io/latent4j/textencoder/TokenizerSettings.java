package io.latent4j.textencoder;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The small files beside a tokenizer's vocabulary, each of which may be missing: special tokens, added ones, the length. */
public final class TokenizerSettings {
    private static final int LONGEST = 1 << 16;

    private final Path folder;
    private final JsonObject config;
    private final JsonObject map;
    private final Map<String, JsonElement> added;

    private TokenizerSettings(Path folder, JsonObject config, JsonObject map, Map<String, JsonElement> added) {
        this.folder = folder;
        this.config = config;
        this.map = map;
        this.added = added;
    }

    /**
     * Reads {@code tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json}.
     *
     * @throws IOException naming the file that is malformed, and what is wrong with it
     */
    public static TokenizerSettings read(Path folder) throws IOException {
        Path configFile = configFile(folder);
        JsonObject config = objectOrEmpty(configFile);
        Map<String, JsonElement> added = new LinkedHashMap<>(
                objectOrEmpty(folder.resolve("added_tokens.json")).asMap());
        added.putAll(addedTokensDecoder(configFile, config));
        return new TokenizerSettings(folder, config, objectOrEmpty(folder.resolve("special_tokens_map.json")), added);
    }

    private static Path configFile(Path folder) {
        return folder.resolve("tokenizer_config.json");
    }

    private static JsonObject objectOrEmpty(Path file) throws IOException {
        return Files.exists(file) ? Config.read(file).json() : new JsonObject();
    }

    /** The same as {@code added_tokens.json} the other way round: from an id to an object that holds the token. */
    private static Map<String, JsonElement> addedTokensDecoder(Path file, JsonObject config) throws IOException {
        Map<String, JsonElement> added = new LinkedHashMap<>();
        if (config.get("added_tokens_decoder") instanceof JsonObject decoder) {
            for (Map.Entry<String, JsonElement> entry : decoder.entrySet()) {
                if (!(entry.getValue() instanceof JsonObject token)
                        || !(token.get("content") instanceof JsonPrimitive content)
                        || !entry.getKey().matches("\\d{1,9}")) {
                    throw new IOException(file + ": added_tokens_decoder has an entry that is not an id and a token: "
                            + Shown.text(entry.getKey() + " " + entry.getValue()));
                }
                added.put(content.getAsString(), new JsonPrimitive(Integer.valueOf(entry.getKey())));
            }
        }
        return added;
    }

    /** The ids of tokens added to the vocabulary, such as those of textual inversion. They are not checked. */
    public Map<String, JsonElement> added() {
        return added;
    }

    /**
     * The token of a role such as {@code eos_token}, if the folder says it: its text, or an object whose "content" is its
     * text.
     *
     * @throws IOException if it is neither
     */
    public Optional<String> token(String role) throws IOException {
        for (JsonObject source : new JsonObject[] {map, config}) {
            JsonElement value =
                    source.get(role) instanceof JsonObject object ? object.get("content") : source.get(role);
            if (value != null && !value.isJsonNull()) {
                if (!value.isJsonPrimitive()) {
                    throw new IOException(
                            folder + ": " + role + " is " + Shown.text(value.toString()) + "; expected text");
                }
                return Optional.of(value.getAsString());
            }
        }
        return Optional.empty();
    }

    /**
     * {@code model_max_length}; {@code absent} where it is not there or, as some files have it, astronomically large.
     *
     * @throws IOException if it is not a whole number from {@code least}
     */
    public int maxLength(int least, int absent) throws IOException {
        JsonElement value = config.get("model_max_length");
        if (value == null || value.isJsonNull()) {
            return absent;
        }
        double length = value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber() ? value.getAsDouble() : 0;
        if (length > LONGEST) {
            return absent;
        }
        if (length < least || length != Math.rint(length)) {
            throw new IOException(configFile(folder) + ": model_max_length is " + Shown.text(value.toString())
                    + "; expected a whole number from " + least);
        }
        return (int) length;
    }
}
