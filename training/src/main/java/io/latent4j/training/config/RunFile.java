package io.latent4j.training.config;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.Iterables;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.EditDistance;
import io.latent4j.core.config.Shown;
import io.latent4j.core.text.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A section of the YAML file that says what to train and how. Each key is read once by name; {@link #refuseTheRest} then
 * refuses those that nothing has read, and names the nearest that would have been.
 */
public final class RunFile {
    public static final long LARGEST = 1 << 20;

    private final String place;
    private final String keys; // that lead here, with a dot behind
    private final Path base;
    private final JsonObject json;
    private final TreeSet<String> known = new TreeSet<>();
    private final List<RunFile> sections = new ArrayList<>();

    private RunFile(String place, String keys, Path base, JsonObject json) {
        this.place = place;
        this.keys = keys;
        this.base = base;
        this.json = json;
    }

    /** Reads a file; paths in it are relative to its folder. */
    public static RunFile read(Path file) throws IOException {
        return read(file, List.of());
    }

    /**
     * Reads a file of which {@code changes} replace some values; paths in it are relative to its folder.
     *
     * @param changes {@code training.rate=1e-4}, for instance: the keys that lead to the value, and YAML
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is no YAML, with the line, or a change is none
     */
    public static RunFile read(Path file, List<String> changes) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + (Files.isDirectory(file) ? ": is a folder" : ": there is no such file")
                    + "; expected a run file");
        }
        if (Files.size(file) > LARGEST) {
            throw new IllegalArgumentException(
                    file + " has " + Files.size(file) + " bytes; expected a run file of at most " + LARGEST);
        }
        RunFile read =
                parse(file.toString(), file.toAbsolutePath().normalize().getParent(), TextFile.read(file, LARGEST));
        changes.forEach(read::change);
        return read;
    }

    /** Parses {@code yaml}, which messages call {@code name}; paths in it are relative to {@code base}. */
    public static RunFile parse(String name, Path base, String yaml) {
        JsonElement json = yaml(name, yaml);
        if (!json.isJsonObject()) {
            throw new IllegalArgumentException(name + ": expected keys and values, as in \"seed: 1\"");
        }
        return new RunFile(name, "", base, json.getAsJsonObject());
    }

    private static JsonElement yaml(String name, String yaml) {
        try {
            Object value = new Load(LoadSettings.builder()
                            .setLabel(name)
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(yaml);
            return new YamlValues(name).json(value);
        } catch (MarkedYamlEngineException e) {
            String where = e.getProblemMark()
                    .map(mark -> ": line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
                    .orElse("");
            throw new IllegalArgumentException(
                    name + where + " is no YAML: " + oneLine(e.getContext() + " " + e.getProblem()), e);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(name + " is no YAML: " + oneLine(e.getMessage()), e);
        } catch (StackOverflowError e) {
            throw new IllegalArgumentException(
                    name + " has lists or keys nested too deep; expected at most " + YamlValues.MOST_DEPTH + " levels",
                    e);
        }
    }

    private static String oneLine(String message) {
        return Shown.text(message.replace("null ", "").replaceAll("\\s+", " ").strip());
    }

    private void change(String change) {
        int equals = change.indexOf('=');
        List<String> path = Splitter.on('.').splitToList(change.substring(0, Math.max(0, equals)));
        if (path.contains("")) {
            throw new IllegalArgumentException(
                    "\"" + change + "\" changes nothing; expected KEY.KEY=VALUE, as in training.rate=1e-4");
        }
        JsonObject at = json;
        for (String key : path.subList(0, path.size() - 1)) {
            if (!at.has(key)) {
                at.add(key, new JsonObject());
            }
            if (!at.get(key).isJsonObject()) {
                throw new IllegalArgumentException(
                        "\"" + change + "\": " + key + " in " + place + " is a value; expected keys under it");
            }
            at = at.getAsJsonObject(key);
        }
        at.add(path.get(path.size() - 1), yaml("\"" + change + "\"", change.substring(equals + 1)));
    }

    /** The section at {@code key}; an empty one where there is none. */
    public RunFile section(String key) {
        JsonElement value = value(key).orElseGet(JsonObject::new);
        if (!value.isJsonObject()) {
            throw bad(key, value, "keys and values under it");
        }
        RunFile section = new RunFile(place + ": " + key, keys + key + ".", base, value.getAsJsonObject());
        sections.add(section);
        return section;
    }

    /** The sections in the list at {@code key}; none where the key is missing. */
    public List<RunFile> sections(String key) {
        List<RunFile> all = new ArrayList<>();
        value(key).ifPresent(value -> {
            if (!value.isJsonArray() || !Iterables.all(value.getAsJsonArray(), JsonElement::isJsonObject)) {
                throw bad(key, value, "a list of keys and values");
            }
            for (JsonElement each : value.getAsJsonArray()) {
                String name = key + " " + (all.size() + 1);
                all.add(new RunFile(place + ": " + name, keys + key + ".", base, each.getAsJsonObject()));
            }
        });
        sections.addAll(all);
        return all;
    }

    public boolean has(String key) {
        return value(key).isPresent();
    }

    /** Keys and values that something else reads: a model's config. */
    public Optional<JsonObject> object(String key) {
        return value(key).map(value -> {
            if (!value.isJsonObject()) {
                throw bad(key, value, "keys and values under it");
            }
            return value.getAsJsonObject();
        });
    }

    public Optional<String> text(String key) {
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

    /** A file or folder, relative to the run file's. */
    public Optional<Path> path(String key) {
        return text(key).map(text -> {
            try {
                return base.resolve(text);
            } catch (InvalidPathException e) {
                throw bad(key, text, "a path");
            }
        });
    }

    /**
     * A file or folder, relative to the run file's, that must be named.
     *
     * @throws IllegalArgumentException if the key is missing
     */
    public Path requiredPath(String key) {
        return path(key).orElseThrow(() -> new IllegalArgumentException(place + ": " + key + " is missing"));
    }

    /** A list of texts, which may be empty. */
    public List<String> texts(String key) {
        return value(key)
                .map(value -> {
                    if (!value.isJsonArray()
                            || !Iterables.all(value.getAsJsonArray(), text -> text instanceof JsonPrimitive)) {
                        throw bad(key, value, "a list of texts");
                    }
                    return value.getAsJsonArray().asList().stream()
                            .map(JsonElement::getAsString)
                            .toList();
                })
                .orElse(List.of());
    }

    public boolean flag(String key, boolean absent) {
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
    public int integer(String key, int least, int absent) {
        double value = real(key).orElse((double) absent);
        if (value != Math.rint(value) || value < least || value > Integer.MAX_VALUE) {
            throw bad(key, value, "a whole number, " + least + " or more");
        }
        return (int) value;
    }

    public double real(String key, double absent) {
        return real(key).orElse(absent);
    }

    public Optional<Double> real(String key) {
        return value(key).map(value -> number(key, value));
    }

    /** {@code count} numbers. */
    public List<Double> reals(String key, List<Double> absent) {
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

    /** Numbers by names that are the user's, in their order; none where the key is missing. */
    public Map<String, Double> numbers(String key) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        object(key)
                .ifPresent(all ->
                        all.entrySet().forEach(each -> numbers.put(each.getKey(), number(key, each.getValue()))));
        return numbers;
    }

    /** One of the names of {@code absent}'s kind, in any case. */
    public <E extends Enum<E>> E choice(String key, E absent) {
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
    public void refuseTheRest() {
        List<String> problems = new ArrayList<>();
        collectTheRest(problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(Joiner.on("; ").join(problems));
        }
    }

    /** Every key that was asked for, of sections too, with those that lead there: {@code training.rate}. */
    public Set<String> known() {
        Set<String> all = new TreeSet<>();
        known.forEach(key -> all.add(keys + key));
        sections.forEach(section -> all.addAll(section.known()));
        return all;
    }

    /** All values as they are, changes included. */
    public JsonObject json() {
        return json.deepCopy();
    }

    private void collectTheRest(List<String> problems) {
        for (String key : json.keySet()) {
            if (!known.contains(key)) {
                String nearest = known.stream()
                        .min(Comparator.comparingInt(name -> EditDistance.between(name, key)))
                        .map(name -> "\"" + name + "\" is the nearest of: "
                                + Joiner.on(", ").join(known))
                        .orElse("expected nothing here");
                problems.add(place + ": " + key + " is no key here; " + nearest);
            }
        }
        sections.forEach(section -> section.collectTheRest(problems));
    }

    /**
     * Returns what {@code make} makes of this section's values.
     *
     * @throws IllegalArgumentException if {@code make} refuses them, naming the file and the section
     */
    public <T> T checked(Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).contains(place)) {
                throw e;
            }
            throw new IllegalArgumentException(place + ": " + e.getMessage(), e);
        }
    }

    public IllegalArgumentException bad(String key, Object found, String expected) {
        return new IllegalArgumentException(place + ": " + key + " is " + found + "; expected " + expected);
    }

    @Override
    public String toString() {
        return place;
    }
}
