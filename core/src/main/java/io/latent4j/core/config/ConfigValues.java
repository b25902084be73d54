package io.latent4j.core.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Converts the values of settings to numbers, texts, paths and lists of them, or refuses them. */
final class ConfigValues {
    private final boolean yaml;
    private final Path base;
    private final Refusal refusal;

    /** Converts the value of a key, or refuses it. */
    interface Kind<T> {
        T of(String key, JsonElement value);
    }

    /** Makes the error of a value that cannot be used. */
    interface Refusal {
        IllegalArgumentException bad(String key, Object found, String expected);
    }

    /**
     * @param yaml whether people write the values: a number may be a text and a text a number
     * @param base the folder that paths are relative to
     */
    ConfigValues(boolean yaml, Path base, Refusal refusal) {
        this.yaml = yaml;
        this.base = base;
        this.refusal = refusal;
    }

    int integer(String key, JsonElement value) {
        if (value instanceof JsonPrimitive number && (number.isNumber() || (yaml && number.isString()))) {
            try {
                String digits = number.getAsString();
                if (digits.length() <= SettingsText.MOST_DIGITS) {
                    return new BigDecimal(digits).intValueExact(); // 4.0 is whole as well
                }
            } catch (ArithmeticException | NumberFormatException e) {
                throw refusal.bad(key, value, "a whole number of 32 bits");
            }
            throw refusal.bad(key, value, "a whole number of 32 bits");
        }
        throw refusal.bad(key, value, "a whole number");
    }

    int integer(String key, JsonElement value, Bounds bounds) {
        int number;
        try {
            number = integer(key, value);
        } catch (IllegalArgumentException e) {
            throw refusal.bad(key, value, "a whole number, " + bounds);
        }
        if (!bounds.contain(number)) {
            throw refusal.bad(key, value, "a whole number, " + bounds);
        }
        return number;
    }

    long unsigned(String key, JsonElement value) {
        if (value instanceof JsonPrimitive number && (number.isNumber() || (yaml && number.isString()))) {
            try {
                return Long.parseUnsignedLong(number.getAsString());
            } catch (NumberFormatException e) {
                throw refusal.bad(key, value, "a whole number from 0 to 18446744073709551615");
            }
        }
        throw refusal.bad(key, value, "a whole number");
    }

    double real(String key, JsonElement value) {
        if (value instanceof JsonPrimitive number && number.isNumber()) {
            return number.getAsDouble();
        }
        if (value instanceof JsonPrimitive text && text.isString()) {
            return switch (text.getAsString()) { // how the reader gives Python's extra literals
                case "NaN" -> Double.NaN;
                case "Infinity" -> Double.POSITIVE_INFINITY;
                case "-Infinity" -> Double.NEGATIVE_INFINITY;
                default -> written(key, text);
            };
        }
        throw refusal.bad(key, value, "a number");
    }

    double written(String key, JsonPrimitive text) {
        try {
            if (yaml) {
                return Double.parseDouble(text.getAsString());
            }
        } catch (NumberFormatException e) {
            throw refusal.bad(key, text, "a number");
        }
        throw refusal.bad(key, text, "a number");
    }

    double real(String key, JsonElement value, Bounds bounds) {
        double number = real(key, value);
        if (!bounds.contain(number)) {
            throw refusal.bad(key, value, "a number, " + bounds);
        }
        return number;
    }

    boolean flag(String key, JsonElement value) {
        if (value instanceof JsonPrimitive flag && flag.isBoolean()) {
            return flag.getAsBoolean();
        }
        throw refusal.bad(key, value, "true or false");
    }

    String text(String key, JsonElement value) {
        if (value instanceof JsonPrimitive text && (text.isString() || yaml)) {
            return text.getAsString();
        }
        throw refusal.bad(key, value, "a string");
    }

    Path path(String key, JsonElement value) {
        String text = text(key, value);
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw refusal.bad(key, value, "a path without control characters");
        }
        try {
            return base.resolve(text);
        } catch (InvalidPathException e) {
            throw refusal.bad(key, value, "a path");
        }
    }

    <T> List<T> list(String key, JsonElement value, Kind<T> kind) {
        if (value instanceof JsonArray values) {
            return values.asList().stream().map(each -> kind.of(key, each)).toList();
        }
        throw refusal.bad(key, value, "a list");
    }

    <T> List<T> counted(String key, JsonElement value, int count, Kind<T> kind) {
        if (value instanceof JsonArray values && values.size() != count) {
            throw refusal.bad(key, value, "a list of " + count);
        }
        return list(key, value, kind);
    }

    JsonObject nested(String key, JsonElement value) {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw refusal.bad(key, value, "an object, which is keys and values");
    }
}
