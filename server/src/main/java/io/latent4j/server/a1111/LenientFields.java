package io.latent4j.server.a1111;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * A request's fields by name, with types as FastAPI reads them: {@code null} is left out, and a text that is a number is one. A
 * field of a wrong type is empty, and {@link #check} says so of all at once.
 *
 * <p>Limitations: a whole number may not have a fraction, which FastAPI cuts off.
 */
final class LenientFields {
    private static final Set<String> YES = Set.of("true", "t", "yes", "y", "on", "1");
    private static final Set<String> NO = Set.of("false", "f", "no", "n", "off", "0");

    private final JsonObject json;
    private final List<JsonElement> place;
    private final List<JsonObject> wrong;
    private final Set<String> read = new HashSet<>();

    LenientFields(JsonObject json) {
        this(json, List.of(), new ArrayList<>());
    }

    private LenientFields(JsonObject json, List<JsonElement> place, List<JsonObject> wrong) {
        this.json = json;
        this.place = List.copyOf(place);
        this.wrong = wrong;
    }

    /** The fields of an object within these, whose errors are told with these. */
    LenientFields within(JsonObject inner, Object... names) {
        List<JsonElement> at = new ArrayList<>(place);
        for (Object name : names) {
            at.add(name instanceof Integer i ? new JsonPrimitive(i) : new JsonPrimitive(name.toString()));
        }
        return new LenientFields(inner, at, wrong);
    }

    private <T> Optional<T> value(String key, String message, String type, Function<JsonElement, Optional<T>> reader) {
        read.add(key);
        JsonElement element = json.get(key);
        if (element == null || element.isJsonNull()) {
            return Optional.empty();
        }
        Optional<T> value = reader.apply(element);
        if (value.isEmpty()) {
            wrong.add(entry(key, message, type));
        }
        return value;
    }

    private JsonObject entry(String key, String message, String type) {
        List<JsonElement> at = new ArrayList<>(place);
        at.add(new JsonPrimitive(key));
        return WrongFieldsException.entry(at, message, type);
    }

    /** A whole number of 32 bits. */
    OptionalInt integer(String key) {
        return value(
                        key,
                        "value is not a valid integer",
                        "type_error.integer",
                        element -> number(element).flatMap(number -> exact(number, BigDecimal::intValueExact)))
                .map(OptionalInt::of)
                .orElseGet(OptionalInt::empty);
    }

    /** A whole number of 64 bits. */
    OptionalLong longInteger(String key) {
        return value(
                        key,
                        "value is not a valid integer",
                        "type_error.integer",
                        element -> number(element).flatMap(number -> exact(number, BigDecimal::longValueExact)))
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
    }

    private static <T> Optional<T> exact(BigDecimal number, Function<BigDecimal, T> reader) {
        try {
            return Optional.of(reader.apply(number));
        } catch (ArithmeticException e) {
            return Optional.empty(); // has a fraction, or too many digits
        }
    }

    private static Optional<BigDecimal> number(JsonElement element) {
        if (!element.isJsonPrimitive() || element.getAsJsonPrimitive().isBoolean()) {
            return Optional.empty();
        }
        try {
            return Optional.of(element.getAsBigDecimal());
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** A finite number. */
    OptionalDouble number(String key) {
        return value(
                        key,
                        "value is not a valid float",
                        "type_error.float",
                        element -> number(element).map(BigDecimal::doubleValue).filter(Double::isFinite))
                .map(OptionalDouble::of)
                .orElseGet(OptionalDouble::empty);
    }

    /** A text; a number is the text that it is. */
    Optional<String> text(String key) {
        return value(
                key,
                "str type expected",
                "type_error.str",
                element -> element.isJsonPrimitive()
                                && !element.getAsJsonPrimitive().isBoolean()
                        ? Optional.of(element.getAsString())
                        : Optional.empty());
    }

    /** A text that says something; none if it is empty or the word that stands for nothing. */
    Optional<String> name(String key) {
        return text(key).map(String::strip).filter(name -> !name.isEmpty() && !name.equalsIgnoreCase("none"));
    }

    /** Yes or no. */
    boolean flag(String key, boolean otherwise) {
        return value(key, "value could not be parsed to a boolean", "type_error.bool", LenientFields::flag)
                .orElse(otherwise);
    }

    private static Optional<Boolean> flag(JsonElement element) {
        if (!element.isJsonPrimitive()) {
            return Optional.empty();
        }
        String word = element.getAsString().toLowerCase(Locale.ROOT);
        if (YES.contains(word) || NO.contains(word)) {
            return Optional.of(YES.contains(word));
        }
        return Optional.empty();
    }

    /** An object. */
    Optional<JsonObject> object(String key) {
        return value(
                key,
                "value is not a valid dict",
                "type_error.dict",
                element -> element.isJsonObject() ? Optional.of(element.getAsJsonObject()) : Optional.empty());
    }

    /** A list. */
    Optional<JsonArray> list(String key) {
        return value(
                key,
                "value is not a valid list",
                "type_error.list",
                element -> element.isJsonArray() ? Optional.of(element.getAsJsonArray()) : Optional.empty());
    }

    /** Says that a field is of a wrong type. */
    void refuse(String key, String message, String type) {
        read.add(key);
        wrong.add(entry(key, message, type));
    }

    /** Takes note of fields that have no effect here and need none. */
    void pass(String... keys) {
        read.addAll(List.of(keys));
    }

    /** Whether a field has another value than nothing, no, zero or an empty one; it counts as read. */
    boolean isSet(String key) {
        read.add(key);
        JsonElement element = json.get(key);
        if (element == null || element.isJsonNull()) {
            return false;
        }
        if (element.isJsonArray()) {
            return !element.getAsJsonArray().isEmpty();
        }
        if (element.isJsonObject()) {
            return !element.getAsJsonObject().isEmpty();
        }
        JsonPrimitive value = element.getAsJsonPrimitive();
        return value.isBoolean()
                ? value.getAsBoolean()
                : number(value)
                        .map(number -> number.signum() != 0)
                        .orElseGet(() -> !value.getAsString().isEmpty());
    }

    /** The fields that nobody asked for, in the order of the body. */
    List<String> unread() {
        return json.keySet().stream().filter(key -> !read.contains(key)).toList();
    }

    /** @throws WrongFieldsException if a field that was asked for is of a wrong type */
    void check() {
        if (!wrong.isEmpty()) {
            throw new WrongFieldsException(wrong);
        }
    }
}
