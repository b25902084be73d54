package io.latent4j.server.ollama;

import com.google.common.hash.Hashing;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.server.api.ApiException;
import io.latent4j.server.api.ModelFacts;
import io.latent4j.server.api.ServedModels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The models under the names and with the details that Ollama's clients expect. Each has the tag {@code latest} alone. */
final class OllamaModels {
    private static final String TAG = ":latest";
    private static final String FAMILY = "diffusion";
    private static final String NEVER = "9999-12-31T23:59:59Z";

    private final ServedModels models;
    private final Instant started = Instant.now();

    OllamaModels(ServedModels models) {
        this.models = models;
    }

    /** The model of requests that name none. */
    String usual() {
        return models.usual() + TAG;
    }

    /**
     * The name in the registry of what a client calls so, with or without its tag.
     *
     * @throws ApiException if there is no such model
     */
    String served(String name) {
        if (models.models().contains(name)) {
            return name;
        }
        String bare = name.endsWith(TAG) ? name.substring(0, name.length() - TAG.length()) : name;
        if (!models.models().contains(bare)) {
            throw new ApiException(
                    404,
                    "model_not_found",
                    "model '" + Shown.text(name) + "' not found; expected one of " + String.join(", ", models.models()),
                    "model");
        }
        return bare;
    }

    /** All of them. */
    JsonObject list() {
        JsonArray listed = new JsonArray();
        for (String name : models.models()) {
            JsonObject json = entry(name);
            json.addProperty("modified_at", started.toString());
            listed.add(json);
        }
        return listed(listed);
    }

    /** Those whose weights are in memory. */
    JsonObject open() {
        JsonArray listed = new JsonArray();
        for (String name : models.models()) {
            if (models.isOpen(name)) {
                JsonObject json = entry(name);
                json.addProperty("expires_at", NEVER);
                json.addProperty("size_vram", 0);
                listed.add(json);
            }
        }
        return listed(listed);
    }

    private static JsonObject listed(JsonArray models) {
        JsonObject json = new JsonObject();
        json.add("models", models);
        return json;
    }

    private static JsonObject entry(String name) {
        JsonObject json = new JsonObject();
        json.addProperty("name", name + TAG);
        json.addProperty("model", name + TAG);
        json.addProperty("size", 0);
        json.addProperty(
                "digest",
                Hashing.sha256().hashString(name, StandardCharsets.UTF_8).toString());
        json.add("details", details());
        return json;
    }

    private static JsonObject details() {
        JsonArray families = new JsonArray();
        families.add(FAMILY);
        JsonObject json = new JsonObject();
        json.addProperty("parent_model", "");
        json.addProperty("format", "safetensors");
        json.addProperty("family", FAMILY);
        json.add("families", families);
        json.addProperty("parameter_size", "");
        json.addProperty("quantization_level", "");
        return json;
    }

    /** One of them, by its name in the registry. */
    JsonObject show(String name) {
        ModelFacts facts = models.facts(name);
        JsonObject info = new JsonObject();
        info.addProperty("general.architecture", FAMILY);
        info.addProperty(FAMILY + ".width", facts.width());
        info.addProperty(FAMILY + ".height", facts.height());
        info.addProperty(FAMILY + ".steps", facts.steps());
        info.addProperty(FAMILY + ".guidance_scale", facts.guidanceScale());
        JsonArray capabilities = new JsonArray();
        capabilities.add("image");
        JsonObject json = new JsonObject();
        json.addProperty("modelfile", "");
        json.addProperty("parameters", "");
        json.addProperty("template", "");
        json.add("details", details());
        json.add("model_info", info);
        json.add("capabilities", capabilities);
        json.addProperty("modified_at", started.toString());
        return json;
    }
}
