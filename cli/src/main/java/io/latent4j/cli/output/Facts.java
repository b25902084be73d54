package io.latent4j.cli.output;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.PrintWriter;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Facts for people, as headings and aligned lines, and the same facts for programs, as JSON. */
public final class Facts {
    private static final String BYTES = "_bytes";

    private Facts() {}

    public static void printJson(JsonObject facts, PrintWriter out) {
        out.println(new GsonBuilder()
                .setPrettyPrinting()
                .disableHtmlEscaping()
                .create()
                .toJson(facts));
        out.flush();
    }

    /** One object on one line, for programs that read lines as they come. */
    static void printJsonLine(JsonObject facts, PrintWriter out) {
        out.println(new GsonBuilder().disableHtmlEscaping().create().toJson(facts));
        out.flush();
    }

    /** Prints each object in {@code facts} under its key, and what is no object in a line of its own. */
    public static void print(JsonObject facts, PrintWriter out) {
        for (Map.Entry<String, JsonElement> entry : facts.entrySet()) {
            if (entry.getValue() instanceof JsonObject section) {
                out.println(words(entry.getKey()));
                printLines(section, out);
            } else {
                out.println(words(entry.getKey()) + "  " + text(entry.getValue()));
            }
        }
        out.flush();
    }

    private static void printLines(JsonObject section, PrintWriter out) {
        int width = section.keySet().stream()
                .mapToInt(key -> words(key).length())
                .max()
                .orElse(0);
        section.entrySet().forEach(line -> {
            String key = words(line.getKey());
            String value = line.getKey().endsWith(BYTES)
                    ? Amounts.bytes(line.getValue().getAsLong())
                    : text(line.getValue());
            out.println("  " + key + " ".repeat(width - key.length()) + "  " + value);
        });
    }

    private static String words(String key) {
        String plain = key.endsWith(BYTES) ? key.substring(0, key.length() - BYTES.length()) : key;
        return plain.replace('_', ' ');
    }

    /** A value in words. */
    static String text(JsonElement value) {
        if (value instanceof JsonArray list) {
            return list.isEmpty()
                    ? "none"
                    : StreamSupport.stream(list.spliterator(), false)
                            .map(Facts::text)
                            .collect(Collectors.joining(", "));
        }
        if (value instanceof JsonObject object) {
            return object.entrySet().stream()
                    .map(entry -> words(entry.getKey()) + " " + text(entry.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (value instanceof JsonPrimitive flag && flag.isBoolean()) {
            return flag.getAsBoolean() ? "yes" : "no";
        }
        return value.isJsonNull() ? "none" : value.getAsString();
    }
}
