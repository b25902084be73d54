package io.latent4j.server.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fields of a request that is JSON or a form, where numbers are texts. A field that is null is not there. What was not
 * asked for is {@link #rest}.
 */
public final class Fields {
    private static final int MOST_DIGITS = 30;
    private static final int MOST_SHOWN = 100;

    private final JsonObject json;
    private final Set<String> rest;

    /** @param json is not changed */
    public Fields(JsonObject json) {
        this.json = json;
        this.rest = new TreeSet<>(json.keySet());
    }

    private Optional<JsonElement> get(String key) {
        rest.remove(key);
        return Optional.ofNullable(json.get(key)).filter(value -> !value.isJsonNull());
    }

    private static ApiException wrong(String key, JsonElement found, String expected) {
        String shown = found.toString();
        String cut = shown.length() > MOST_SHOWN ? shown.substring(0, MOST_SHOWN) + "…" : shown;
        return ApiException.invalid(key, key + " is " + cut + "; expected " + expected);
    }

    private Optional<JsonPrimitive> primitive(String key, String expected) {
        return get(key).map(value -> {
            if (!value.isJsonPrimitive()) {
                throw wrong(key, value, expected);
            }
            return value.getAsJsonPrimitive();
        });
    }

    /**
     * A text.
     *
     * @throws ApiException if it is something else
     */
    public Optional<String> text(String key) {
        return primitive(key, "a text").map(value -> {
            if (!value.isString()) {
                throw wrong(key, value, "a text");
            }
            return value.getAsString();
        });
    }

    /**
     * One of some words; an empty one is not there.
     *
     * @throws ApiException if it is another one
     */
    public Optional<String> choice(String key, List<String> words) {
        return text(key).filter(word -> !word.isEmpty()).map(word -> {
            if (!words.contains(word)) {
                throw wrong(key, new JsonPrimitive(word), "one of " + String.join(", ", words));
            }
            return word;
        });
    }

    /**
     * A whole number.
     *
     * @throws ApiException if it is something else, or out of bounds
     */
    public OptionalInt integer(String key, int least, int most) {
        String expected = "a whole number, " + least + " to " + most;
        Optional<JsonPrimitive> given = primitive(key, expected).filter(value -> !isEmptyText(value));
        if (given.isEmpty()) {
            return OptionalInt.empty();
        }
        int number;
        try {
            String text = given.get().getAsString().trim();
            number = new BigDecimal(text.length() > MOST_DIGITS ? "" : text).intValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong(key, given.get(), expected);
        }
        if (number < least || number > most) {
            throw wrong(key, given.get(), expected);
        }
        return OptionalInt.of(number);
    }

    private static boolean isEmptyText(JsonPrimitive value) {
        return value.isString() && value.getAsString().isBlank();
    }

    /**
     * True or false.
     *
     * @throws ApiException if it is something else
     */
    public boolean flag(String key, boolean instead) {
        return primitive(key, "true or false")
                .filter(value -> !isEmptyText(value))
                .map(value -> switch (value.getAsString()) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw wrong(key, value, "true or false");
                })
                .orElse(instead);
    }

    /**
     * An object, or a text that is one.
     *
     * @throws ApiException if it is something else
     */
    public Optional<JsonObject> object(String key) {
        return get(key).map(value -> {
            if (value.isJsonObject()) {
                return value.getAsJsonObject();
            }
            if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
                try {
                    return Body.object(value.getAsString());
                } catch (ApiException e) {
                    throw wrong(key, value, "an object in JSON, {...}");
                }
            }
            throw wrong(key, value, "an object");
        });
    }

    /**
     * A list; empty if it is not there.
     *
     * @throws ApiException if it is something else
     */
    public List<JsonElement> list(String key) {
        JsonElement value = get(key).orElseGet(JsonArray::new);
        if (!value.isJsonArray()) {
            throw wrong(key, value, "a list");
        }
        return value.getAsJsonArray().asList();
    }

    /** Whether there is such a field. */
    public boolean has(String key) {
        return get(key).isPresent();
    }

    /** The names of the fields that were not asked for. */
    public Set<String> rest() {
        return Set.copyOf(rest);
    }
}
