package io.latent4j.server.comfy;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ListMultimap;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph whose nodes are of known classes and whose inputs are of the right types; links may still go in a circle.
 *
 * @param nodes by their ids
 * @param outputs ids of the nodes that keep images
 */
record Graph(Map<String, Node> nodes, List<String> outputs) {
    private static final int MOST_NODES = 500;

    /**
     * A node.
     *
     * @param id by which links find it
     * @param inputs links and values by their names
     */
    record Node(String id, NodeType type, JsonObject inputs) {}

    Graph {
        nodes = ImmutableMap.copyOf(nodes);
        outputs = List.copyOf(outputs);
    }

    /**
     * Reads a graph in the form of ComfyUI's API: nodes by their ids. What no output needs is not looked at, but for its class.
     *
     * @throws GraphException naming everything that is wrong
     */
    static Graph of(JsonObject json, NodeTypes types) {
        if (json.size() > MOST_NODES) {
            throw new GraphException(
                    "invalid_prompt", "The graph has " + json.size() + " nodes; expected at most " + MOST_NODES);
        }
        Map<String, Node> nodes = new LinkedHashMap<>();
        Map<String, String> classes = new LinkedHashMap<>();
        ListMultimap<String, NodeError> wrong = ArrayListMultimap.create();
        for (String id : json.keySet()) {
            JsonObject node = object(json.get(id));
            String name = text(node.get("class_type"));
            classes.put(id, name);
            if (name.isEmpty()) {
                wrong.put(id, new NodeError("invalid_prompt", "the node has no class_type", "no class_type", ""));
                continue;
            }
            types.of(name)
                    .ifPresentOrElse(
                            type -> nodes.put(id, new Node(id, type, object(node.get("inputs")))),
                            () -> wrong.put(
                                    id,
                                    new NodeError(
                                            "missing_node_type",
                                            "Node '" + Shown.text(name) + "' not found",
                                            "the node " + Shown.text(name) + " is not known here",
                                            "")));
        }
        if (!wrong.isEmpty()) {
            throw new GraphException(
                    "invalid_prompt",
                    "Cannot execute because nodes are not known: "
                            + Shown.names(wrong.keySet().stream()
                                    .map(id -> classes.get(id).isEmpty() ? "#" + id : classes.get(id))
                                    .distinct()
                                    .toList()),
                    wrong,
                    classes,
                    List.of());
        }
        List<String> outputs = nodes.values().stream()
                .filter(node -> node.type().keepsImages())
                .map(Node::id)
                .toList();
        if (outputs.isEmpty()) {
            throw new GraphException("prompt_no_outputs", "Prompt has no outputs");
        }
        Graph graph = new Graph(nodes, outputs);
        graph.check(classes);
        return graph;
    }

    private static JsonObject object(JsonElement element) {
        return element != null && element.isJsonObject() ? element.getAsJsonObject() : new JsonObject();
    }

    private static String text(JsonElement element) {
        return element != null
                        && element.isJsonPrimitive()
                        && element.getAsJsonPrimitive().isString()
                ? element.getAsString()
                : "";
    }

    /** @throws GraphException if inputs of nodes that outputs need are wrong */
    private void check(Map<String, String> classes) {
        ListMultimap<String, NodeError> wrong = ArrayListMultimap.create();
        for (String id : needed()) {
            Node node = nodes.get(id);
            for (NodeType.Input input : node.type().inputs()) {
                InputCheck.of(this, node, input).ifPresent(error -> wrong.put(id, error));
            }
        }
        if (!wrong.isEmpty()) {
            throw new GraphException(
                    "prompt_outputs_failed_validation", "Prompt outputs failed validation", wrong, classes, outputs);
        }
    }

    private Set<String> needed() {
        Set<String> needed = new LinkedHashSet<>();
        List<String> next = new ArrayList<>(outputs);
        while (!next.isEmpty()) {
            String id = next.remove(next.size() - 1);
            if (needed.add(id)) {
                Node node = nodes.get(id);
                node.type().inputs().stream()
                        .filter(input -> input.kind() instanceof Kind.Link)
                        .map(input -> InputCheck.source(node.inputs().get(input.name())))
                        .filter(nodes::containsKey)
                        .forEach(next::add);
            }
        }
        return needed;
    }
}
