package io.latent4j.training;

import com.google.common.base.Joiner;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A section of the YAML file that says what to train and how. Each key is read once by name; {@link #refuseTheRest} then
 * refuses those that nothing has read, and names the nearest that would have been.
 */
final class RunFile {
    private static final long LARGEST = 1 << 20;

    private final String place;
    private final JsonObject json;
    private final TreeSet<String> known = new TreeSet<>();
    private final List<RunFile> sections = new ArrayList<>();

    private RunFile(String place, JsonObject json) {
        this.place = place;
        this.json = json;
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is no YAML, with the line
     */
    static RunFile read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file + ": there is no such file");
        }
        if (Files.size(file) > LARGEST) {
            throw new IllegalArgumentException(
                    file + " has " + Files.size(file) + " bytes; expected a run file of at most " + LARGEST);
        }
        return parse(file.toString(), Files.readString(file));
    }

    /** Parses {@code yaml}, which messages call {@code name}. */
    static RunFile parse(String name, String yaml) {
        try {
            Object value = new Load(LoadSettings.builder()
                            .setLabel(name)
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(yaml);
            JsonElement json = new Gson().toJsonTree(value);
            if (!json.isJsonObject()) {
                throw new IllegalArgumentException(name + ": expected keys and values, as in \"steps: 1000\"");
            }
            return new RunFile(name, json.getAsJsonObject());
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(
                    name + " is no YAML: " + e.getMessage().strip(), e);
        }
    }

    /** The section at {@code key}; an empty one where there is none. */
    RunFile section(String key) {
        JsonElement value = value(key).orElseGet(JsonObject::new);
        if (!value.isJsonObject()) {
            throw bad(key, value, "keys and values under it");
        }
        RunFile section = new RunFile(place + ": " + key, value.getAsJsonObject());
        sections.add(section);
        return section;
    }

    boolean has(String key) {
        return value(key).isPresent();
    }

    /** Keys and values that something else reads: a model's config. */
    Optional<JsonObject> object(String key) {
        return value(key).map(value -> {
            if (!value.isJsonObject()) {
                throw bad(key, value, "keys and values under it");
            }
            return value.getAsJsonObject();
        });
    }

    Optional<String> text(String key) {
        return value(key).map(value -> {
            if (!(value instanceof JsonPrimitive)) {
                throw bad(key, value, "a text");
            }
            return value.getAsString();
        });
    }

    /** @throws IllegalArgumentException if the key is missing */
    String requiredText(String key) {
        return text(key).orElseThrow(() -> new IllegalArgumentException(place + ": " + key + " is missing"));
    }

    boolean flag(String key, boolean absent) {
        return value(key)
                .map(value -> {
                    if (!(value instanceof JsonPrimitive primitive) || !primitive.isBoolean()) {
                        throw bad(key, value, "true or false");
                    }
                    return value.getAsBoolean();
                })
                .orElse(absent);
    }

    /** A whole number, {@code least} or more. */
    int integer(String key, int least, int absent) {
        double value = real(key).orElse((double) absent);
        if (value != Math.rint(value) || value < least || value > Integer.MAX_VALUE) {
            throw bad(key, value, "a whole number, " + least + " or more");
        }
        return (int) value;
    }

    double real(String key, double absent) {
        return real(key).orElse(absent);
    }

    Optional<Double> real(String key) {
        return value(key).map(value -> number(key, value));
    }

    /** {@code count} numbers. */
    List<Double> reals(String key, List<Double> absent) {
        return value(key)
                .map(value -> {
                    if (!value.isJsonArray() || value.getAsJsonArray().size() != absent.size()) {
                        throw bad(key, value, "a list of " + absent.size() + " numbers");
                    }
                    List<Double> numbers = new ArrayList<>();
                    value.getAsJsonArray().forEach(number -> numbers.add(number(key, number)));
                    return List.copyOf(numbers);
                })
                .orElse(absent);
    }

    /** One of the names of {@code absent}'s kind, in any case. */
    <E extends Enum<E>> E choice(String key, E absent) {
        Optional<String> name = text(key);
        E[] all = absent.getDeclaringClass().getEnumConstants();
        for (E each : all) {
            if (name.isPresent() && each.name().equalsIgnoreCase(name.get())) {
                return each;
            }
        }
        if (name.isPresent()) {
            throw bad(key, name.get(), "one of " + Joiner.on(", ").join(all).toLowerCase(Locale.ROOT));
        }
        return absent;
    }

    /** YAML 1.2 reads "1e-4" as a text, people as a number. */
    private double number(String key, JsonElement value) {
        try {
            double number = value.getAsDouble();
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException | UnsupportedOperationException | IllegalStateException e) {
            // falls through to the message
        }
        throw bad(key, value, "a number");
    }

    private Optional<JsonElement> value(String key) {
        known.add(key);
        return Optional.ofNullable(json.get(key)).filter(value -> !value.isJsonNull());
    }

    /** Refuses every key, also of sections, that was not asked for. */
    void refuseTheRest() {
        List<String> problems = new ArrayList<>();
        collectTheRest(problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(Joiner.on("; ").join(problems));
        }
    }

    private void collectTheRest(List<String> problems) {
        for (String key : json.keySet()) {
            if (!known.contains(key)) {
                String nearest = known.stream()
                        .min(Comparator.comparingInt(name -> distance(name, key)))
                        .map(name -> "\"" + name + "\" is the nearest of: "
                                + Joiner.on(", ").join(known))
                        .orElse("expected nothing here");
                problems.add(place + ": " + key + " is no key here; " + nearest);
            }
        }
        sections.forEach(section -> section.collectTheRest(problems));
    }

    /** Levenshtein's: the fewest letters to put in, take out or change. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    IllegalArgumentException bad(String key, Object found, String expected) {
        return new IllegalArgumentException(place + ": " + key + " is " + found + "; expected " + expected);
    }

    @Override
    public String toString() {
        return place;
    }
}
