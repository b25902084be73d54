package io.latent4j.server.comfy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Objects;

/**
 * A class of nodes: what it takes, and what it gives.
 *
 * @param name its {@code class_type}
 * @param title for people
 * @param category in menus
 * @param inputs in the order of ComfyUI, all of them required
 * @param outputs types of its slots
 * @param keepsImages whether it is an end of a graph
 */
record NodeType(
        String name, String title, String category, List<Input> inputs, List<String> outputs, boolean keepsImages) {

    /** One input. */
    record Input(String name, Kind kind) {}

    NodeType {
        Objects.requireNonNull(name, "name");
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** What {@code /object_info} says of it. */
    JsonObject json() {
        JsonObject required = new JsonObject();
        JsonArray order = new JsonArray();
        for (Input input : inputs) {
            required.add(input.name(), json(input));
            order.add(input.name());
        }
        JsonObject in = new JsonObject();
        in.add("required", required);
        JsonObject inOrder = new JsonObject();
        inOrder.add("required", order);
        JsonArray types = new JsonArray();
        JsonArray lists = new JsonArray();
        outputs.forEach(type -> {
            types.add(type);
            lists.add(false);
        });
        JsonObject json = new JsonObject();
        json.add("input", in);
        json.add("input_order", inOrder);
        json.add("output", types);
        json.add("output_is_list", lists);
        json.add("output_name", types.deepCopy());
        json.addProperty("name", name);
        json.addProperty("display_name", title);
        json.addProperty("description", "");
        json.addProperty("python_module", "nodes");
        json.addProperty("category", category);
        json.addProperty("output_node", keepsImages);
        return json;
    }

    private static JsonArray json(Input input) {
        JsonArray json = new JsonArray();
        JsonObject more = new JsonObject();
        if (input.kind() instanceof Kind.Link link) {
            json.add(link.type());
        } else if (input.kind() instanceof Kind.Whole whole) {
            json.add("INT");
            more.addProperty("default", whole.standard());
            more.addProperty("min", whole.least());
            more.addProperty("max", whole.most());
        } else if (input.kind() instanceof Kind.Real real) {
            json.add("FLOAT");
            more.addProperty("default", real.standard());
            more.addProperty("min", real.least());
            more.addProperty("max", real.most());
            more.addProperty("step", real.step());
        } else if (input.kind() instanceof Kind.Text text) {
            json.add("STRING");
            more.addProperty("default", text.standard());
            more.addProperty("multiline", text.multiline());
        } else if (input.kind() instanceof Kind.Choice choice) {
            JsonArray values = new JsonArray();
            choice.of().forEach(values::add);
            json.add(values);
        }
        json.add(more);
        return json;
    }
}
