package io.latent4j.server.comfy;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A graph that is no job here: status 400, with what is wrong with each node, as ComfyUI has it. */
final class GraphException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String type;
    private final String details;
    private final transient ImmutableListMultimap<String, NodeError> errors;
    private final transient Map<String, String> classes;
    private final transient List<String> outputs;

    /**
     * @param type a word for programs
     * @param message for people
     * @param errors by the nodes' ids
     * @param classes of the nodes by their ids
     * @param outputs ids of the nodes that keep images
     */
    GraphException(
            String type,
            String message,
            ListMultimap<String, NodeError> errors,
            Map<String, String> classes,
            List<String> outputs) {
        super(message);
        this.type = type;
        this.errors = ImmutableListMultimap.copyOf(errors);
        this.classes = Map.copyOf(classes);
        this.outputs = List.copyOf(outputs);
        this.details = this.errors.entries().stream()
                .map(entry ->
                        "Node #" + entry.getKey() + ": " + entry.getValue().details())
                .limit(10)
                .collect(Collectors.joining("\n"));
    }

    /** A graph as a whole that cannot be read. */
    GraphException(String type, String message) {
        this(type, message, ImmutableListMultimap.of(), Map.of(), List.of());
    }

    /** The errors by the nodes' ids. */
    ImmutableListMultimap<String, NodeError> errors() {
        return errors;
    }

    /** A word for programs. */
    String type() {
        return type;
    }

    /** The answer's body. */
    JsonObject json() {
        JsonObject error = new JsonObject();
        error.addProperty("type", type);
        error.addProperty("message", getMessage());
        error.addProperty("details", details);
        error.add("extra_info", new JsonObject());
        JsonObject nodes = new JsonObject();
        errors.asMap().forEach((id, wrong) -> {
            JsonObject node = new JsonObject();
            JsonArray list = new JsonArray();
            wrong.forEach(each -> list.add(each.json()));
            node.add("errors", list);
            JsonArray dependent = new JsonArray();
            outputs.forEach(dependent::add);
            node.add("dependent_outputs", dependent);
            node.addProperty("class_type", classes.getOrDefault(id, ""));
            nodes.add(id, node);
        });
        JsonObject json = new JsonObject();
        json.add("error", error);
        json.add("node_errors", nodes);
        return json;
    }
}
