package io.latent4j.core.config;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A model's {@code config.json}, read field by field: each reader names the default beside the key, a value of the wrong
 * kind is an error that names file, key and value, and a setting that is not supported is refused and not ignored.
 *
 * <p>A key whose value is null counts as absent, as in the files of the reference implementation. Immutable.
 */
public final class ConfigJson {
    private final String name;
    private final JsonObject json;

    private ConfigJson(String name, JsonObject json) {
        this.name = name;
        this.json = json;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read or is not a JSON object, naming it
     */
    public static ConfigJson read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": no such file; expected a model's configuration there");
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            JsonElement element = JsonParser.parseReader(reader);
            if (!element.isJsonObject()) {
                throw new IOException(file + ": is not a JSON object; download the file again");
            }
            return new ConfigJson(file.toString(), element.getAsJsonObject());
        } catch (JsonParseException | CharacterCodingException e) {
            throw new IOException(file + ": is not JSON (" + e.getMessage() + "); download the file again", e);
        }
    }

    /** A configuration that was not read from a file; {@code name} stands for one in messages. */
    public static ConfigJson of(String name, JsonObject json) {
        return new ConfigJson(name, json.deepCopy());
    }

    /** What messages call this configuration: its file. */
    public String name() {
        return name;
    }

    /** A copy of the whole object. */
    public JsonObject json() {
        return json.deepCopy();
    }

    /** Whether {@code key} has a value other than null. */
    public boolean has(String key) {
        return value(key).isPresent();
    }

    /** Whether {@code key} is there with the value null, which some settings tell apart from absence. */
    public boolean isNull(String key) {
        return json.has(key) && json.get(key).isJsonNull();
    }

    /** A whole number that must be there. */
    public int integer(String key) {
        return integer(key, value(key).orElseThrow(() -> bad(key, "is missing; expected a whole number")));
    }

    /** A whole number, or {@code absent}. */
    public int integer(String key, int absent) {
        return value(key).map(value -> integer(key, value)).orElse(absent);
    }

    /** A number, or {@code absent}. */
    public double real(String key, double absent) {
        return value(key)
                .map(value -> {
                    if (!(value instanceof JsonPrimitive number) || !number.isNumber()) {
                        throw bad(key, "is " + value + "; expected a number");
                    }
                    return number.getAsDouble();
                })
                .orElse(absent);
    }

    /** True or false, or {@code absent}. */
    public boolean flag(String key, boolean absent) {
        return value(key)
                .map(value -> {
                    if (!(value instanceof JsonPrimitive flag) || !flag.isBoolean()) {
                        throw bad(key, "is " + value + "; expected true or false");
                    }
                    return flag.getAsBoolean();
                })
                .orElse(absent);
    }

    /** A string, or {@code absent}. */
    public String text(String key, String absent) {
        return value(key).map(value -> text(key, value)).orElse(absent);
    }

    /** A list of strings, or {@code absent}. */
    public List<String> texts(String key, List<String> absent) {
        return value(key)
                .map(value -> elements(key, value).stream()
                        .map(each -> text(key, each))
                        .toList())
                .orElse(absent);
    }

    /** A list of whole numbers, or {@code absent}. */
    public List<Integer> integers(String key, List<Integer> absent) {
        return value(key)
                .map(value -> elements(key, value).stream()
                        .map(each -> integer(key, each))
                        .toList())
                .orElse(absent);
    }

    /** A list of {@code count} whole numbers, or one that stands for as many equal ones, or that many {@code absent}. */
    public List<Integer> integers(String key, int count, int absent) {
        if (value(key).isEmpty() || !json.get(key).isJsonArray()) {
            return Collections.nCopies(count, integer(key, absent));
        }
        return counted(key, count, integers(key, List.of()));
    }

    /** A list of {@code count} whole numbers, or {@code absent}. */
    public List<Integer> integers(String key, int count, List<Integer> absent) {
        return counted(key, count, integers(key, absent));
    }

    private List<Integer> counted(String key, int count, List<Integer> values) {
        if (values.size() != count) {
            throw bad(key, "has " + values.size() + " entries; expected " + count + ", one a level");
        }
        return values;
    }

    /** Refuses any string at {@code key} but {@code only}. */
    public void require(String key, String only) {
        if (!text(key, only).equals(only)) {
            throw bad(key, "is \"" + text(key, only) + "\"; only \"" + only + "\" is supported");
        }
    }

    /** Refuses any number at {@code key} but {@code only}. */
    public void require(String key, int only) {
        if (real(key, only) != only) {
            throw bad(key, "is " + json.get(key) + "; only " + only + " is supported");
        }
    }

    /** Refuses true at {@code key}. */
    public void requireFalse(String key) {
        if (flag(key, false)) {
            throw bad(key, "is true; only false is supported");
        }
    }

    /** Refuses any value but null at {@code key}. */
    public void requireAbsent(String key) {
        value(key).ifPresent(value -> {
            throw bad(key, "is " + value + "; only null is supported");
        });
    }

    /** The error of a value that cannot be used: {@code file: key problem}. */
    public IllegalArgumentException bad(String key, String problem) {
        return new IllegalArgumentException(name + ": " + key + " " + problem);
    }

    private Optional<JsonElement> value(String key) {
        return Optional.ofNullable(json.get(key)).filter(value -> !value.isJsonNull());
    }

    private List<JsonElement> elements(String key, JsonElement value) {
        if (!value.isJsonArray()) {
            throw bad(key, "is " + value + "; expected a list");
        }
        return value.getAsJsonArray().asList();
    }

    private int integer(String key, JsonElement value) {
        if (value instanceof JsonPrimitive number
                && number.isNumber()
                && number.getAsDouble() == Math.rint(number.getAsDouble())) {
            return number.getAsBigDecimal().intValue();
        }
        throw bad(key, "is " + value + "; expected a whole number");
    }

    private String text(String key, JsonElement value) {
        if (value instanceof JsonPrimitive text && text.isString()) {
            return text.getAsString();
        }
        throw bad(key, "is " + value + "; expected a string");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConfigJson config && name.equals(config.name) && json.equals(config.json);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, json);
    }

    @Override
    public String toString() {
        return name + " " + json;
    }
}
