package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.ServedModels;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Models by the names that the web UI's clients have for them: with a hash or the ending of a file, or without. */
final class Checkpoints {
    private static final Pattern HASH = Pattern.compile("\\s*\\[[0-9a-f]{6,64}]$");
    private static final Pattern ENDING = Pattern.compile("\\.(safetensors|ckpt)$");

    private static final int LONGEST = 500;

    private final ServedModels models;

    Checkpoints(ServedModels models) {
        this.models = models;
    }

    /** The one to begin with. */
    String usual() {
        return models.usual();
    }

    /**
     * The name here.
     *
     * @throws ApiException if there is no such model
     */
    String named(String title) {
        String plain = plain(title);
        String bare = ENDING.matcher(plain).replaceFirst("");
        List<String> all = models.models();
        return Optional.of(title)
                .filter(all::contains)
                .or(() -> Optional.of(plain).filter(all::contains))
                .or(() -> all.stream()
                        .filter(name -> ENDING.matcher(name).replaceFirst("").equals(bare))
                        .findFirst())
                .orElseThrow(() -> new ApiException(
                        404,
                        "model_not_found",
                        "there is no model \"" + Shown.text(title) + "\"; expected one of " + String.join(", ", all),
                        "sd_model_checkpoint"));
    }

    /** A name without the hash that the web UI writes behind it. */
    static String plain(String title) {
        String stripped = title.strip();
        return stripped.length() > LONGEST ? stripped : HASH.matcher(stripped).replaceFirst("");
    }

    /** All of them, as the web UI lists them. */
    JsonArray json() {
        JsonArray list = new JsonArray();
        for (String name : models.models()) {
            JsonObject json = new JsonObject();
            json.addProperty("title", name);
            json.addProperty("model_name", name);
            json.add("hash", JsonNull.INSTANCE);
            json.add("sha256", JsonNull.INSTANCE);
            json.addProperty("filename", name);
            json.add("config", JsonNull.INSTANCE);
            list.add(json);
        }
        return list;
    }
}
