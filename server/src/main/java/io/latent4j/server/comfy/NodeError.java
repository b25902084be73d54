package io.latent4j.server.comfy;

import com.google.gson.JsonObject;
import java.util.Objects;

/**
 * What is wrong with a node of a graph.
 *
 * @param type a word for programs
 * @param message for people
 * @param details which input, and what it has
 * @param input the input's name; empty for the node itself
 */
record NodeError(String type, String message, String details, String input) {

    NodeError {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(details, "details");
        Objects.requireNonNull(input, "input");
    }

    /** An input that its node cannot take. */
    static NodeError invalid(String input, String details) {
        return new NodeError("custom_validation_failed", "Custom validation failed for node", details, input);
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("type", type);
        json.addProperty("message", message);
        json.addProperty("details", details);
        JsonObject more = new JsonObject();
        if (!input.isEmpty()) {
            more.addProperty("input_name", input);
        }
        json.add("extra_info", more);
        return json;
    }
}
