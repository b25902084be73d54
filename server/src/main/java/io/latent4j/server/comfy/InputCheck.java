package io.latent4j.server.comfy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import io.latent4j.core.config.Shown;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether what a node has for an input is what the input takes, told as ComfyUI does. */
final class InputCheck {
    private static final int LINK = 2;
    private static final int SHOWN = 20;

    private InputCheck() {}

    /** What is wrong with an input of a node. */
    static Optional<NodeError> of(Graph graph, Graph.Node node, NodeType.Input input) {
        JsonElement value = node.inputs().get(input.name());
        if (value == null || value.isJsonNull()) {
            return Optional.of(
                    new NodeError("required_input_missing", "Required input is missing", input.name(), input.name()));
        }
        if (input.kind() instanceof Kind.Link link) {
            return link(graph, input.name(), link.type(), value);
        }
        if (value.isJsonArray()) {
            return Optional.of(new NodeError(
                    "return_type_mismatch",
                    "Return type mismatch between linked nodes",
                    input.name() + ", a link; expected a value: no node here gives one",
                    input.name()));
        }
        if (!value.isJsonPrimitive()) {
            return Optional.of(notA("value", input.name(), value));
        }
        if (input.kind() instanceof Kind.Whole whole) {
            return whole(value)
                    .map(number -> range(
                            input.name(),
                            number.toString(),
                            number.compareTo(whole.least()),
                            number.compareTo(whole.most()),
                            whole.least().toString(),
                            whole.most().toString()))
                    .orElseGet(() -> Optional.of(notA("INT", input.name(), value)));
        }
        if (input.kind() instanceof Kind.Real real) {
            return real(value)
                    .map(number -> range(
                            input.name(),
                            number.toString(),
                            Double.compare(number, real.least()),
                            Double.compare(number, real.most()),
                            String.valueOf(real.least()),
                            String.valueOf(real.most())))
                    .orElseGet(() -> Optional.of(notA("FLOAT", input.name(), value)));
        }
        if (input.kind() instanceof Kind.Choice choice && !choice.takes(value.getAsString())) {
            return Optional.of(new NodeError(
                    "value_not_in_list",
                    "Value not in list",
                    input.name() + ": '" + Shown.text(value.getAsString()) + "' not in " + shown(choice.of()),
                    input.name()));
        }
        return Optional.empty();
    }

    private static String shown(List<String> values) {
        return values.stream()
                .limit(SHOWN)
                .map(value -> "'" + Shown.text(value) + "'")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static Optional<NodeError> link(Graph graph, String name, String type, JsonElement value) {
        String source = source(value);
        int slot = slot(value);
        if (source.isEmpty() || slot < 0) {
            return Optional.of(new NodeError(
                    "bad_linked_input",
                    "Bad linked input, must be a length-2 list of [node_id, slot_index]",
                    name,
                    name));
        }
        Graph.Node from = graph.nodes().get(source);
        if (from == null || slot >= from.type().outputs().size()) {
            return Optional.of(new NodeError(
                    "bad_linked_input",
                    "Bad linked input, there is no such output",
                    name + ", a link to "
                            + (from == null
                                    ? "#" + Shown.text(source)
                                    : from.type().name())
                            + (from == null ? ", which is missing" : "'s output " + slot + ", which it has not"),
                    name));
        }
        String given = from.type().outputs().get(slot);
        return given.equals(type)
                ? Optional.empty()
                : Optional.of(new NodeError(
                        "return_type_mismatch",
                        "Return type mismatch between linked nodes",
                        name + ", received_type(" + given + ") mismatch input_type(" + type + ")",
                        name));
    }

    /** The id of the node that a link comes from; empty if it is none. */
    static String source(JsonElement value) {
        if (value == null || !value.isJsonArray() || value.getAsJsonArray().size() != LINK) {
            return "";
        }
        JsonElement id = value.getAsJsonArray().get(0);
        return id.isJsonPrimitive() ? id.getAsString() : "";
    }

    /** The slot that a link comes from; -1 if it is none. */
    static int slot(JsonElement value) {
        JsonArray link = value != null && value.isJsonArray() ? value.getAsJsonArray() : new JsonArray();
        if (link.size() != LINK || !link.get(1).isJsonPrimitive()) {
            return -1;
        }
        return whole(link.get(1))
                .filter(number -> number.bitLength() < Integer.SIZE - 1)
                .map(BigInteger::intValue)
                .orElse(-1);
    }

    private static Optional<NodeError> range(
            String name, String number, int overLeast, int overMost, String least, String most) {
        if (overLeast < 0) {
            return Optional.of(new NodeError(
                    "value_smaller_than_min",
                    "Value " + number + " smaller than min of " + least,
                    name + ", " + number + "; expected " + least + " or more",
                    name));
        }
        if (overMost > 0) {
            return Optional.of(new NodeError(
                    "value_bigger_than_max",
                    "Value " + number + " bigger than max of " + most,
                    name + ", " + number + "; expected at most " + most,
                    name));
        }
        return Optional.empty();
    }

    private static NodeError notA(String type, String name, JsonElement value) {
        return new NodeError(
                "invalid_input_type",
                "Failed to convert an input value to a " + type + " value",
                name + ", " + Shown.text(value.toString()),
                name);
    }

    /** A whole number; a text may be one. */
    static Optional<BigInteger> whole(JsonElement value) {
        try {
            BigDecimal number = value.getAsBigDecimal();
            boolean long64 = number.precision() - (long) number.scale() <= 20;
            return long64 ? Optional.of(number.toBigIntegerExact()) : Optional.empty();
        } catch (NumberFormatException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** A finite number; a text may be one. */
    static Optional<Double> real(JsonElement value) {
        try {
            return Optional.of(value.getAsBigDecimal().doubleValue()).filter(Double::isFinite);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
