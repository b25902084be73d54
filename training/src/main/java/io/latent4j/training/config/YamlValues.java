package io.latent4j.training.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;

/**
 * The values of a YAML document as JSON. An alias counts as often as it is used, so that a small file of aliases of aliases
 * has a limit too.
 */
final class YamlValues {
    static final int MOST_DEPTH = 100;
    private static final int MOST_VALUES = 1_000_000;

    private final String name;
    private int values;

    /** Values that messages call {@code name}. */
    YamlValues(String name) {
        this.name = name;
    }

    /**
     * Returns {@code value}, which is a map, a list, a text, a number, true, false or null.
     *
     * @throws IllegalArgumentException if it is nested too deep, has too many values or others than those
     */
    JsonElement json(Object value) {
        return json(value, "", 0);
    }

    private JsonElement json(Object value, String keys, int depth) {
        if (depth > MOST_DEPTH) {
            throw new IllegalArgumentException(
                    name + " has lists or keys nested too deep; expected at most " + MOST_DEPTH + " levels");
        }
        if (++values > MOST_VALUES) {
            throw new IllegalArgumentException(
                    name + " has more than " + MOST_VALUES + " values, aliases included; expected a run file");
        }
        if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            map.forEach((key, each) -> object.add(
                    String.valueOf(key),
                    json(each, keys.isEmpty() ? String.valueOf(key) : keys + "." + key, depth + 1)));
            return object;
        }
        if (value instanceof List<?> list) {
            JsonArray array = new JsonArray();
            list.forEach(each -> array.add(json(each, keys, depth + 1)));
            return array;
        }
        return scalar(value, keys);
    }

    private JsonElement scalar(Object value, String keys) {
        if (value == null) {
            return JsonNull.INSTANCE;
        }
        if (value instanceof Double number && !Double.isFinite(number)) {
            throw new IllegalArgumentException(name + ": " + keys + " is " + number + "; expected a finite number");
        }
        if (value instanceof Number number) {
            return new JsonPrimitive(number);
        }
        if (value instanceof Boolean flag) {
            return new JsonPrimitive(flag);
        }
        if (value instanceof String text) {
            return new JsonPrimitive(text);
        }
        throw new IllegalArgumentException(name + ": " + keys + " is a value of another kind ("
                + value.getClass().getSimpleName() + "); expected a text, a number, true or false, a list, or keys");
    }
}
