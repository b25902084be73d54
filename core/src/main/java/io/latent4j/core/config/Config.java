package io.latent4j.core.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;

/**
 * A JSON object of settings, such as a model's {@code config.json}, read key by key.
 *
 * <p>A key whose value is {@code null} counts as absent. Methods with a default give it where the key is absent; those
 * without refuse that. A value of the wrong kind is an {@link IllegalArgumentException} that names file and key.
 *
 * <p>What it holds does not change, and it may be read on several threads. Numbers may be written as Python writes them, {@code NaN} and {@code Infinity} included.
 */
public final class Config {
    /** Bytes of the largest file that is read: a thousand times what a model's settings take. */
    private static final long LARGEST = 8 << 20;

    private final String name;
    private final JsonObject json;
    private final Set<String> asked = new ConcurrentSkipListSet<>(); // keys that were, whatever was found

    private Config(String name, JsonObject json) {
        this.name = name;
        this.json = json;
    }

    /**
     * Reads a file, which then is the name in every error.
     *
     * @throws IOException if it cannot be read or does not hold one JSON object
     */
    public static Config read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": does not exist; expected a JSON file; check the path");
        }
        if (Files.size(file) > LARGEST) {
            throw new IOException(file + ": has " + Files.size(file) + " bytes; expected at most " + LARGEST
                    + " of a model's settings; check the file");
        }
        try (JsonReader reader = new JsonReader(Files.newBufferedReader(file))) {
            reader.setStrictness(Strictness.LENIENT); // Python writes NaN and Infinity, which JSON does not have
            JsonElement json = JsonParser.parseReader(reader);
            if (!json.isJsonObject()) {
                throw new IOException(file + ": is " + kind(json) + "; expected a JSON object; check the file");
            }
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException(file + ": goes on after its JSON object; expected its end; check the file");
            }
            return new Config(file.toString(), json.getAsJsonObject());
        } catch (JsonParseException | CharacterCodingException e) {
            throw new IOException(
                    file + ": is not JSON in UTF-8: " + shown(reason(e)) + "; expected a JSON object; check the file",
                    e);
        }
    }

    /** Wraps settings in memory, of which it keeps a copy; {@code name} stands for the file in errors. */
    public static Config of(String name, JsonObject json) {
        return new Config(name, json.deepCopy());
    }

    /** The file, or what stands for it in errors. */
    public String name() {
        return name;
    }

    /** The keys in the object's order, those with {@code null} included. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(json.keySet());
    }

    /** Whether the key is there with a value other than {@code null}. */
    public boolean has(String key) {
        asked.add(key);
        return json.has(key) && !json.get(key).isJsonNull();
    }

    /** Whether the key is there with the value {@code null}, which some settings tell apart from absence. */
    public boolean isNull(String key) {
        asked.add(key);
        return json.has(key) && json.get(key).isJsonNull();
    }

    /** The whole number of 32 bits under a key that must be there. */
    public int integer(String key) {
        return integer(key, present(key));
    }

    /** The whole number of 32 bits under a key, or {@code absent}. */
    public int integer(String key, int absent) {
        return has(key) ? integer(key) : absent;
    }

    /** The number under a key that must be there. */
    public double real(String key) {
        return real(key, present(key));
    }

    /** The number under a key, or {@code absent}. */
    public double real(String key, double absent) {
        return has(key) ? real(key) : absent;
    }

    /** The truth value under a key that must be there. */
    public boolean flag(String key) {
        return flag(key, present(key));
    }

    /** The truth value under a key, or {@code absent}. */
    public boolean flag(String key, boolean absent) {
        return has(key) ? flag(key) : absent;
    }

    /** The string under a key that must be there. */
    public String text(String key) {
        return text(key, present(key));
    }

    /** The string under a key, or {@code absent}. */
    public String text(String key, String absent) {
        return has(key) ? text(key) : absent;
    }

    /** Whether the key holds a list. */
    public boolean isList(String key) {
        return has(key) && json.get(key).isJsonArray();
    }

    /** A list of whole numbers of any length. */
    public List<Integer> integers(String key) {
        return list(key, value -> integer(key, value));
    }

    /** A list of whole numbers of any length, or {@code absent}. */
    public List<Integer> integers(String key, List<Integer> absent) {
        return has(key) ? integers(key) : absent;
    }

    /** A list of {@code count} whole numbers; {@code absent}, where it is taken, must be as long. */
    public List<Integer> integers(String key, int count, List<Integer> absent) {
        List<Integer> values = integers(key, absent);
        if (values.size() != count) {
            throw bad(key, "has " + values.size() + " entries; expected " + count);
        }
        return values;
    }

    /** A list of {@code count} whole numbers; one number, or {@code absent}, stands for {@code count} equal ones. */
    public List<Integer> integers(String key, int count, int absent) {
        return isList(key) ? counted(key, count, integers(key)) : Collections.nCopies(count, integer(key, absent));
    }

    /** A list of numbers of any length. */
    public List<Double> reals(String key) {
        return list(key, value -> real(key, value));
    }

    /** A list of {@code count} flags; one flag, or {@code absent}, stands for {@code count} equal ones. */
    public List<Boolean> flags(String key, int count, boolean absent) {
        return isList(key)
                ? counted(key, count, list(key, value -> flag(key, value)))
                : Collections.nCopies(count, flag(key, absent));
    }

    /** A list of strings of any length. */
    public List<String> texts(String key) {
        return list(key, value -> text(key, value));
    }

    /** A list of strings of any length, or {@code absent}. */
    public List<String> texts(String key, List<String> absent) {
        return has(key) ? texts(key) : absent;
    }

    /** The settings nested under a key; errors name them {@code <name>: <key>}. */
    public Optional<Config> object(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        if (!json.get(key).isJsonObject()) {
            throw bad(key, json.get(key), "an object");
        }
        return Optional.of(new Config(name + ": " + key, json.getAsJsonObject(key)));
    }

    /** Refuses a setting other than the one implemented, rather than ignore it; absent counts as {@code only}. */
    public void require(String key, String only) {
        if (!text(key, only).equals(only)) {
            throw bad(key, json.get(key), '"' + only + "\", nothing else is supported");
        }
    }

    /** Refuses a setting other than the one implemented, rather than ignore it; absent counts as {@code only}. */
    public void require(String key, boolean only) {
        if (flag(key, only) != only) {
            throw bad(key, json.get(key), only + ", nothing else is supported");
        }
    }

    /** Refuses a setting other than the one implemented, rather than ignore it; absent counts as {@code only}. */
    public void require(String key, int only) {
        if (integer(key, only) != only) {
            throw bad(key, json.get(key), only + ", nothing else is supported");
        }
    }

    /** Refuses a number, or a list with one, that is below 1: a size or a count, which must be there or have a default. */
    public void requirePositive(String key) {
        List<Integer> values = isList(key) ? integers(key) : has(key) ? List.of(integer(key)) : List.of(1);
        if (values.isEmpty() || Collections.min(values) < 1) {
            throw bad(key, json.get(key), "1 or more");
        }
    }

    /** Refuses {@code true}. */
    public void requireFalse(String key) {
        require(key, false);
    }

    /** Refuses a setting this framework does not implement: the key must be absent or {@code null}. */
    public void requireAbsent(String key) {
        if (has(key)) {
            throw bad(key, json.get(key), "it absent or null, nothing else is supported");
        }
    }

    /**
     * Refuses keys that nothing has asked for, when all has been read: for settings that a person writes, where a misspelt key
     * would be ignored. A program's own notes, which begin with an underscore, may be there.
     *
     * @param inert keys that are known, and of no effect or of one in some cases only
     * @throws IllegalArgumentException naming each, and the key that it is nearest to
     */
    public void refuseTheRest(Collection<String> inert) {
        Set<String> known = new TreeSet<>(asked);
        known.addAll(inert);
        List<String> problems = json.keySet().stream()
                .filter(key -> !key.startsWith("_") && !known.contains(key))
                .map(key -> key + " is no key here, " + nearest(key, known))
                .toList();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(name + ": " + String.join("; ", problems));
        }
    }

    private static String nearest(String key, Set<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(other -> EditDistance.between(key, other)))
                .map(other -> "the nearest is \"" + other + "\"")
                .orElse("expected none");
    }

    /** A copy of the whole object. */
    public JsonObject json() {
        return json.deepCopy();
    }

    @Override
    public String toString() {
        return name + " " + json;
    }

    private JsonElement present(String key) {
        if (!has(key)) {
            throw new IllegalArgumentException(name + ": " + key + " is missing; expected a value");
        }
        return json.get(key);
    }

    private int integer(String key, JsonElement value) {
        if (value instanceof JsonPrimitive number && number.isNumber()) {
            try {
                return new BigDecimal(number.getAsString()).intValueExact(); // 4.0 is whole as well
            } catch (ArithmeticException | NumberFormatException e) {
                throw bad(key, value, "a whole number of 32 bits");
            }
        }
        throw bad(key, value, "a whole number");
    }

    private double real(String key, JsonElement value) {
        if (value instanceof JsonPrimitive number && number.isNumber()) {
            return number.getAsDouble();
        }
        if (value instanceof JsonPrimitive text && text.isString()) {
            return switch (text.getAsString()) { // how the reader gives Python's extra literals
                case "NaN" -> Double.NaN;
                case "Infinity" -> Double.POSITIVE_INFINITY;
                case "-Infinity" -> Double.NEGATIVE_INFINITY;
                default -> throw bad(key, value, "a number");
            };
        }
        throw bad(key, value, "a number");
    }

    private boolean flag(String key, JsonElement value) {
        if (value instanceof JsonPrimitive flag && flag.isBoolean()) {
            return flag.getAsBoolean();
        }
        throw bad(key, value, "true or false");
    }

    private String text(String key, JsonElement value) {
        if (value instanceof JsonPrimitive text && text.isString()) {
            return text.getAsString();
        }
        throw bad(key, value, "a string");
    }

    private <T> List<T> list(String key, Function<JsonElement, T> value) {
        if (present(key) instanceof JsonArray values) {
            return values.asList().stream().map(value).toList();
        }
        throw bad(key, json.get(key), "a list");
    }

    private <T> List<T> counted(String key, int count, List<T> values) {
        if (values.size() != count) {
            throw bad(key, json.get(key), "a list of " + count);
        }
        return values;
    }

    /** The error of a setting that cannot be used: {@code <name>: <key> <problem>}. */
    public IllegalArgumentException bad(String key, String problem) {
        return new IllegalArgumentException(name + ": " + key + " " + problem);
    }

    private IllegalArgumentException bad(String key, JsonElement value, String expected) {
        return new IllegalArgumentException(name + ": " + key + " is " + shown(value) + "; expected " + expected);
    }

    private static String shown(JsonElement value) {
        return shown(value.toString());
    }

    private static String shown(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "..." : text;
    }

    /** What the JSON reader itself found, without its advice on how to program it. */
    private static String reason(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    private static String kind(JsonElement json) {
        if (json.isJsonArray()) {
            return "a JSON list";
        }
        return json.isJsonNull() ? "empty" : "a single JSON value";
    }
}
