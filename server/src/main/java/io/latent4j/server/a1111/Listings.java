package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.latent4j.server.api.ServedModels;
import io.latent4j.service.registry.EntryKind;
import io.latent4j.service.registry.ModelEntry;

/** Adapters, learned words and control networks, as the web UI and its most used extension list them. */
final class Listings {
    private final ServedModels models;

    Listings(ServedModels models) {
        this.models = models;
    }

    /** Adapters. */
    JsonArray loras() {
        JsonArray list = new JsonArray();
        for (ModelEntry entry : models.entries(EntryKind.ADAPTER)) {
            JsonObject json = new JsonObject();
            json.addProperty("name", entry.name());
            json.addProperty("alias", entry.name());
            json.addProperty("path", entry.name());
            json.add("metadata", new JsonObject());
            list.add(json);
        }
        return list;
    }

    /** Learned words; their numbers of vectors are not known before a job has them. */
    JsonObject words() {
        JsonObject loaded = new JsonObject();
        for (ModelEntry entry : models.entries(EntryKind.WORD)) {
            JsonObject json = new JsonObject();
            json.add("step", JsonNull.INSTANCE);
            json.add("sd_checkpoint", JsonNull.INSTANCE);
            json.add("sd_checkpoint_name", JsonNull.INSTANCE);
            json.addProperty("shape", 0);
            json.addProperty("vectors", 0);
            loaded.add(entry.name(), json);
        }
        JsonObject json = new JsonObject();
        json.add("loaded", loaded);
        json.add("skipped", new JsonObject());
        return json;
    }

    /** Control networks. */
    JsonObject controlNetworks() {
        JsonArray list = new JsonArray();
        models.entries(EntryKind.CONTROL_NETWORK).forEach(entry -> list.add(entry.name()));
        JsonObject json = new JsonObject();
        json.add("model_list", list);
        return json;
    }

    /** What prepares images for control networks: nothing. */
    JsonObject modules() {
        JsonArray list = new JsonArray();
        list.add("none");
        JsonObject json = new JsonObject();
        json.add("module_list", list);
        return json;
    }

    /** What makes images larger, as the web UI lists it. */
    static JsonArray upscalers() {
        JsonArray list = new JsonArray();
        for (Extras.Way way : Extras.Way.values()) {
            JsonObject json = new JsonObject();
            json.addProperty("name", way.title());
            json.add("model_name", JsonNull.INSTANCE);
            json.add("model_path", JsonNull.INSTANCE);
            json.add("model_url", JsonNull.INSTANCE);
            json.addProperty("scale", 4);
            list.add(json);
        }
        return list;
    }
}
