package io.latent4j.core.config;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Settings read key by key: a model's {@code config.json}, a scheduler's, or the YAML file of a training run.
 *
 * <p>A key whose value is {@code null} counts as absent. Methods with a default return it where the key is absent; those
 * without refuse that. Every bad value is an {@link IllegalArgumentException} that names the file, the sections that lead
 * to the key, the key, the value found and what is expected: {@code run.yaml: training: steps is 0; expected 1 or more}.
 *
 * <p>How to use it:
 *
 * <ul>
 *   <li>{@link #collect} reads a whole record and reports all bad keys in one error.
 *   <li>{@link Bounds} say which numbers a key accepts: {@code integer("steps", Bounds.of(1, 1000), 50)}.
 *   <li>{@link #section} and {@link #sections} read nested keys; errors and {@link #refuseTheRest} cover them.
 *   <li>{@link #refuseTheRest} refuses the keys that nothing has read, and {@link #unread} lists them.
 *   <li>{@link #declaring} limits what may be read to a declared set of keys. A component that declares its keys, such as
 *       a sampler, can be asked for them before it is made, and cannot read a key that it does not declare.
 *   <li>{@link #with(String, JsonElement, String)} and {@link #withChanges} replace values; errors of these name where
 *       they come from.
 * </ul>
 *
 * <p>Values never change, and any number of threads may read. JSON numbers may be written as Python writes them, {@code NaN}
 * and {@code Infinity} included. In YAML, which people write, a number may stand where a text is expected ({@code prompt:
 * 7}), and a text that is a number where a number is ({@code 1e-4} is a text in YAML 1.2).
 */
public final class Config {
    private static final int LARGEST = 8 << 20; // a thousand times what a model's settings take
    private static final int LARGEST_YAML = 1 << 20;
    private static final int MOST_PROBLEMS = 20;

    private final String name;
    private final String keys; // that lead here, with a dot behind
    private final Path base;
    private final boolean yaml;
    private final JsonObject json;
    private final ImmutableMap<String, String> sources; // of values that are not the file's
    private final Optional<ImmutableSet<String>> declared;
    private final Reads reads;
    private final Optional<Problems> problems; // where they are collected
    private final ConfigValues kinds;

    /** Reads a value of many keys. */
    @FunctionalInterface
    public interface Reader<T, E extends Exception> {
        T read(Config config) throws E;
    }

    /** What was read of one set of settings, shared by all views of it. */
    private record Reads(Set<String> asked, List<Config> sections) {
        Reads() {
            this(new ConcurrentSkipListSet<>(), new CopyOnWriteArrayList<>());
        }
    }

    /** What is wrong with the values that one {@link #collect} reads. */
    private static final class Problems {
        private final List<String> found = new CopyOnWriteArrayList<>();
        private volatile boolean reported;
    }

    private Config(
            String name,
            String keys,
            Path base,
            boolean yaml,
            JsonObject json,
            ImmutableMap<String, String> sources,
            Optional<ImmutableSet<String>> declared,
            Reads reads,
            Optional<Problems> problems) {
        this.name = name;
        this.keys = keys;
        this.base = base;
        this.yaml = yaml;
        this.json = json;
        this.sources = sources;
        this.declared = declared;
        this.reads = reads;
        this.problems = problems;
        this.kinds = new ConfigValues(yaml, base, this::bad);
    }

    private static Config whole(String name, Path base, boolean yaml, JsonObject json) {
        return new Config(
                name, "", base, yaml, json, ImmutableMap.of(), Optional.empty(), new Reads(), Optional.empty());
    }

    private Config changed(JsonObject values, ImmutableMap<String, String> sources) {
        return new Config(name, keys, base, yaml, values, sources, declared, reads, problems);
    }

    /**
     * Reads a JSON file, which then is the name in every error.
     *
     * @throws IOException if it cannot be read, is larger than 8 MiB or does not hold one JSON object
     */
    public static Config read(Path file) throws IOException {
        String text = TextFile.read(file, LARGEST, "a JSON file");
        try {
            return whole(file.toString(), folder(file), false, object(SettingsText.json(text), "JSON"));
        } catch (SettingsText.Malformed e) {
            throw new IOException(file + ": " + e.getMessage() + "; expected a JSON object; check the file", e);
        }
    }

    /**
     * Reads a YAML file, which then is the name in every error.
     *
     * @throws IOException if it cannot be read, is larger than 1 MiB or does not hold one YAML document of keys and values
     */
    public static Config readYaml(Path file) throws IOException {
        String text = TextFile.read(file, LARGEST_YAML, "a YAML file");
        try {
            return whole(file.toString(), folder(file), true, object(SettingsText.yaml(text), "YAML"));
        } catch (SettingsText.Malformed e) {
            throw new IOException(
                    file + ": " + e.getMessage()
                            + "; expected keys and values in YAML, as in \"seed: 1\"; check the file",
                    e);
        }
    }

    private static Path folder(Path file) {
        return file.toAbsolutePath().normalize().getParent();
    }

    private static JsonObject object(JsonElement json, String format) throws SettingsText.Malformed {
        if (json instanceof JsonObject object) {
            return object;
        }
        throw new SettingsText.Malformed(
                json.isJsonArray() ? "is a list" : json.isJsonNull() ? "is empty" : "is a single " + format + " value");
    }

    /** Wraps settings in memory, of which it keeps a copy; {@code name} stands for the file in errors. */
    public static Config of(String name, JsonObject json) {
        return whole(name, Path.of(""), false, json.deepCopy());
    }

    /**
     * Parses JSON in memory.
     *
     * @param name stands for the file in errors
     * @throws IllegalArgumentException if it is not one JSON object
     */
    public static Config parseJson(String name, String json) {
        try {
            return whole(name, Path.of(""), false, object(SettingsText.json(json), "JSON"));
        } catch (SettingsText.Malformed e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage() + "; expected a JSON object", e);
        }
    }

    /**
     * Parses YAML in memory.
     *
     * @param name stands for the file in errors
     * @param base the folder that paths are relative to
     * @throws IllegalArgumentException if it is not one YAML document of keys and values
     */
    public static Config parseYaml(String name, Path base, String yaml) {
        try {
            return whole(name, base, true, object(SettingsText.yaml(TextFile.withoutMark(yaml)), "YAML"));
        } catch (SettingsText.Malformed e) {
            throw new IllegalArgumentException(
                    name + ": " + e.getMessage() + "; expected keys and values in YAML, as in \"seed: 1\"", e);
        }
    }

    /**
     * These settings with one value replaced.
     *
     * @param source stands for the file in errors about the value: {@code the scheduler's settings}
     */
    public Config with(String key, JsonElement value, String source) {
        JsonObject values = json.deepCopy();
        values.add(key, value.deepCopy());
        Map<String, String> all = new LinkedHashMap<>(sources);
        all.put(key, source);
        return changed(values, ImmutableMap.copyOf(all));
    }

    /** These settings without some keys. */
    public Config without(Collection<String> keys) {
        JsonObject values = json.deepCopy();
        keys.forEach(values::remove);
        return changed(values, sources);
    }

    /**
     * These settings with values replaced or added.
     *
     * @param changes {@code training.rate=1e-4}, for instance: the keys that lead to the value, and YAML
     * @throws IllegalArgumentException if a change is none, its value is not YAML, or a key on its way has a value
     */
    public Config withChanges(List<String> changes) {
        JsonObject values = json.deepCopy();
        changes.forEach(change -> ConfigChange.apply(change, values, name));
        return changed(values, sources);
    }

    /**
     * A view of these settings that may read the keys in {@code keys} and no others.
     *
     * <p>Its methods throw an {@link IllegalStateException} for another key: the component that reads has not declared it.
     */
    public Config declaring(Collection<String> keys) {
        return new Config(
                name, this.keys, base, yaml, json, sources, Optional.of(ImmutableSet.copyOf(keys)), reads, problems);
    }

    /**
     * Reads a value of many keys; all bad keys are reported together.
     *
     * <p>While {@code reader} runs, a bad or missing value is noted and its default, or the smallest value allowed, takes its
     * place. What is made of it is dropped. Afterwards, sections that {@code reader} keeps throw again.
     *
     * @throws IllegalArgumentException with all that was noted
     * @throws E what {@code reader} throws where nothing was noted
     */
    public <T, E extends Exception> T collect(Reader<T, E> reader) throws E {
        if (noting().isPresent()) {
            return reader.read(this); // whoever began reports
        }
        Problems all = new Problems();
        Config view = new Config(name, keys, base, yaml, json, sources, declared, reads, Optional.of(all));
        T read;
        try {
            read = reader.read(view);
        } catch (Exception e) {
            if (all.found.isEmpty()) {
                throw e;
            }
            IllegalArgumentException together = together(all.found); // what follows from a replaced value says nothing
            together.addSuppressed(e);
            throw together;
        } finally {
            all.reported = true;
        }
        if (!all.found.isEmpty()) {
            throw together(all.found);
        }
        return read;
    }

    /** Where problems are noted for now; empty where they are thrown. */
    private Optional<List<String>> noting() {
        return problems.filter(all -> !all.reported).map(all -> all.found);
    }

    /**
     * What {@code make} makes of values of these settings. Its {@link IllegalArgumentException} gets the file and the section
     * in front, unless it names them; inside of {@link #collect} it is noted, and nothing is returned.
     *
     * @return never empty outside of {@link #collect}
     * @throws IllegalArgumentException if {@code make} throws it, outside of {@link #collect}
     */
    public <T> Optional<T> checked(Supplier<T> make) {
        Optional<List<String>> noted = noting();
        int before = noted.map(List::size).orElse(0);
        try {
            return Optional.of(make.get());
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            IllegalArgumentException named =
                    message.contains(name) ? e : new IllegalArgumentException(name + ": " + message, e);
            if (noted.isEmpty()) {
                throw named;
            }
            if (noted.get().size() == before) { // what followed from a replaced value says nothing
                noted.get().add(named.getMessage());
            }
            return Optional.empty();
        }
    }

    private static IllegalArgumentException together(List<String> problems) {
        String shown = problems.stream().distinct().limit(MOST_PROBLEMS).collect(Collectors.joining("; "));
        long rest = problems.stream().distinct().count() - MOST_PROBLEMS;
        return new IllegalArgumentException(rest > 0 ? shown + "; and " + rest + " more" : shown);
    }

    /** The file, with the keys that lead to this section, or what stands for it in errors. */
    public String name() {
        return name;
    }

    /** The keys in the order of the file, those with {@code null} included. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(json.keySet());
    }

    /** Whether the key is there with a value other than {@code null}. */
    public boolean has(String key) {
        return value(key).isPresent();
    }

    /** Whether the key is there with the value {@code null}, which some settings tell apart from absence. */
    public boolean isNull(String key) {
        return value(key).isEmpty() && json.has(key);
    }

    private Optional<JsonElement> value(String key) {
        if (declared.isPresent() && !declared.get().contains(key)) {
            throw new IllegalStateException(
                    name + ": " + key + " is read but not declared; expected one of " + Shown.names(declared.get()));
        }
        reads.asked().add(key);
        return Optional.ofNullable(json.get(key)).filter(value -> !value.isJsonNull());
    }

    /** The whole number of 32 bits under a key that must be there. */
    public int integer(String key) {
        return read(key, 1, kinds::integer);
    }

    /** The whole number of 32 bits under a key, or {@code absent}. */
    public int integer(String key, int absent) {
        return read(key, absent, kinds::integer, absent);
    }

    /** The whole number under a key that must be there. */
    public int integer(String key, Bounds bounds) {
        return read(key, (int) Math.ceil(bounds.least()), (k, value) -> kinds.integer(k, value, bounds));
    }

    /** The whole number under a key, or {@code absent}. */
    public int integer(String key, Bounds bounds, int absent) {
        return read(key, absent, (k, value) -> kinds.integer(k, value, bounds), absent);
    }

    /** The whole number from 0 to 2^64 - 1 under a key, as 64 bits that are read as unsigned; empty where it is absent. */
    public OptionalLong unsigned(String key) {
        return read(
                key,
                OptionalLong.empty(),
                (k, value) -> OptionalLong.of(kinds.unsigned(k, value)),
                OptionalLong.empty());
    }

    /** The number under a key that must be there. */
    public double real(String key) {
        return read(key, 1.0, kinds::real);
    }

    /** The number under a key, or {@code absent}. */
    public double real(String key, double absent) {
        return read(key, absent, kinds::real, absent);
    }

    /** The number under a key, or {@code absent}. */
    public double real(String key, Bounds bounds, double absent) {
        return read(key, absent, (k, value) -> kinds.real(k, value, bounds), absent);
    }

    /** The number under a key; empty where it is absent. */
    public Optional<Double> optionalReal(String key, Bounds bounds) {
        return read(key, Optional.empty(), (k, value) -> Optional.of(kinds.real(k, value, bounds)), Optional.empty());
    }

    /** The truth value under a key that must be there. */
    public boolean flag(String key) {
        return read(key, false, kinds::flag);
    }

    /** The truth value under a key, or {@code absent}. */
    public boolean flag(String key, boolean absent) {
        return read(key, absent, kinds::flag, absent);
    }

    /** The string under a key that must be there. */
    public String text(String key) {
        return read(key, "", kinds::text);
    }

    /** The string under a key, or {@code absent}. */
    public String text(String key, String absent) {
        return optionalText(key).orElse(absent);
    }

    /** The string under a key; empty where it is absent. */
    public Optional<String> optionalText(String key) {
        return read(key, Optional.empty(), (k, value) -> Optional.of(kinds.text(k, value)), Optional.empty());
    }

    /** What {@code choices} maps the string under a key to, or {@code absent}. */
    public <T> T choice(String key, Map<String, T> choices, T absent) {
        return read(
                key,
                absent,
                (k, value) -> {
                    T chosen = choices.get(kinds.text(k, value));
                    if (chosen == null) {
                        throw bad(k, value, "one of " + String.join(", ", choices.keySet()));
                    }
                    return chosen;
                },
                absent);
    }

    /** The constant of {@code absent}'s enum whose name, in any case, is the string under a key; or {@code absent}. */
    public <E extends Enum<E>> E choice(String key, E absent) {
        E[] all = absent.getDeclaringClass().getEnumConstants();
        return read(
                key,
                absent,
                (k, value) -> {
                    String text = kinds.text(k, value);
                    return Arrays.stream(all)
                            .filter(each -> each.name().equalsIgnoreCase(text))
                            .findFirst()
                            .orElseThrow(() -> bad(
                                    k,
                                    value,
                                    "one of "
                                            + Arrays.stream(all)
                                                    .map(each -> each.toString().toLowerCase(Locale.ROOT))
                                                    .collect(Collectors.joining(", "))));
                },
                absent);
    }

    /** The file or folder under a key, relative to the folder of these settings' file; empty where it is absent. */
    public Optional<Path> path(String key) {
        return read(key, Optional.empty(), (k, value) -> Optional.of(kinds.path(k, value)), Optional.empty());
    }

    /** The file or folder under a key that must be there, relative to the folder of these settings' file. */
    public Path requiredPath(String key) {
        return read(key, base, kinds::path);
    }

    /** A list of files or folders, relative to the folder of these settings' file; empty where it is absent. */
    public List<Path> paths(String key) {
        return read(key, List.of(), (k, value) -> kinds.list(k, value, kinds::path), List.of());
    }

    /** Whether the key holds a list. */
    public boolean isList(String key) {
        return value(key).filter(JsonElement::isJsonArray).isPresent();
    }

    /** A list of whole numbers of any length. */
    public List<Integer> integers(String key) {
        return read(key, List.of(1), (k, value) -> kinds.list(k, value, kinds::integer));
    }

    /** A list of whole numbers of any length, or {@code absent}. */
    public List<Integer> integers(String key, List<Integer> absent) {
        return read(key, absent, (k, value) -> kinds.list(k, value, kinds::integer), absent);
    }

    /** A list of {@code count} whole numbers; {@code absent}, where it is taken, must be as long. */
    public List<Integer> integers(String key, int count, List<Integer> absent) {
        return integers(key, Bounds.of(Integer.MIN_VALUE, Integer.MAX_VALUE), count, absent);
    }

    /** A list of {@code count} whole numbers; {@code absent}, where it is taken, must be as long. */
    public List<Integer> integers(String key, Bounds bounds, int count, List<Integer> absent) {
        List<Integer> instead = Collections.nCopies(count, (int) Math.max(1, bounds.least()));
        return has(key)
                ? read(
                        key,
                        instead,
                        (k, value) -> kinds.counted(k, value, count, (j, each) -> kinds.integer(j, each, bounds)))
                : noted(
                        () -> {
                            if (absent.size() != count) {
                                throw bad(key, "is missing; expected a list of " + count);
                            }
                            return absent;
                        },
                        instead);
    }

    /** A list of {@code count} whole numbers; one number, or {@code absent}, stands for {@code count} equal ones. */
    public List<Integer> integers(String key, int count, int absent) {
        return integers(key, Bounds.of(Integer.MIN_VALUE, Integer.MAX_VALUE), count, absent);
    }

    /** A list of {@code count} whole numbers; one number, or {@code absent}, stands for {@code count} equal ones. */
    public List<Integer> integers(String key, Bounds bounds, int count, int absent) {
        List<Integer> instead = Collections.nCopies(count, absent);
        return isList(key)
                ? read(
                        key,
                        instead,
                        (k, value) -> kinds.counted(k, value, count, (j, each) -> kinds.integer(j, each, bounds)))
                : Collections.nCopies(count, integer(key, bounds, absent));
    }

    /** A list of numbers of any length. */
    public List<Double> reals(String key) {
        return read(key, List.of(1.0), (k, value) -> kinds.list(k, value, kinds::real));
    }

    /** A list of numbers of any length, or {@code absent}. */
    public List<Double> reals(String key, Bounds bounds, List<Double> absent) {
        return read(key, absent, (k, value) -> kinds.list(k, value, (j, each) -> kinds.real(j, each, bounds)), absent);
    }

    /** A list of {@code count} numbers, or {@code absent}. */
    public List<Double> reals(String key, Bounds bounds, int count, List<Double> absent) {
        return read(
                key,
                absent,
                (k, value) -> kinds.counted(k, value, count, (j, each) -> kinds.real(j, each, bounds)),
                absent);
    }

    /** Numbers by names that are the user's, in their order; none where the key is absent. */
    public Map<String, Double> numbers(String key, Bounds bounds) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        value(key)
                .ifPresent(value -> noted(
                        () -> {
                            kinds.nested(key, value)
                                    .entrySet()
                                    .forEach(each -> noted(
                                            () -> numbers.put(
                                                    each.getKey(),
                                                    kinds.real(key + " " + each.getKey(), each.getValue(), bounds)),
                                            0.0));
                            return 0;
                        },
                        0));
        return Collections.unmodifiableMap(numbers);
    }

    /** A list of {@code count} flags; one flag, or {@code absent}, stands for {@code count} equal ones. */
    public List<Boolean> flags(String key, int count, boolean absent) {
        return isList(key)
                ? read(
                        key,
                        Collections.nCopies(count, absent),
                        (k, value) -> kinds.counted(k, value, count, kinds::flag))
                : Collections.nCopies(count, flag(key, absent));
    }

    /** A list of strings of any length. */
    public List<String> texts(String key) {
        return read(key, List.of(""), (k, value) -> kinds.list(k, value, kinds::text));
    }

    /** A list of strings of any length, or {@code absent}. */
    public List<String> texts(String key, List<String> absent) {
        return read(key, absent, (k, value) -> kinds.list(k, value, kinds::text), absent);
    }

    /** The settings nested under a key; empty where it is absent. Errors name them {@code <name>: <key>}. */
    public Optional<Config> object(String key) {
        return has(key) ? Optional.of(section(key)) : Optional.empty();
    }

    /** The settings nested under a key, of which there are none where it is absent; {@link #refuseTheRest} covers them. */
    public Config section(String key) {
        JsonObject nested = value(key)
                .map(value -> noted(() -> kinds.nested(key, value), new JsonObject()))
                .orElseGet(JsonObject::new);
        return section(key, name(key) + ": " + Shown.text(key), nested);
    }

    /**
     * The settings nested under a key as they are, for a reader of its own; empty where the key is absent. {@link #refuseTheRest}
     * does not cover them.
     */
    public Optional<JsonObject> values(String key) {
        return read(
                key,
                Optional.empty(),
                (k, value) -> Optional.of(kinds.nested(k, value).deepCopy()),
                Optional.empty());
    }

    /** The settings in the list under a key, each as a {@link #section}; none where the key is absent. */
    public List<Config> sections(String key) {
        List<JsonObject> all =
                read(key, List.of(), (k, value) -> kinds.list(k, value, kinds::nested), List.<JsonObject>of());
        List<Config> sections = new ArrayList<>();
        for (JsonObject each : all) {
            sections.add(section(key, name(key) + ": " + Shown.text(key) + " " + (sections.size() + 1), each));
        }
        return sections;
    }

    private Config section(String key, String called, JsonObject nested) {
        Config section = new Config(
                called,
                keys + key + ".",
                base,
                yaml,
                nested,
                ImmutableMap.of(),
                Optional.empty(),
                new Reads(),
                problems);
        reads.sections().add(section);
        return section;
    }

    /** Refuses a setting other than the one implemented, rather than ignore it; absent counts as {@code only}. */
    public void require(String key, String only) {
        requireOnly(key, '"' + only + '"', text(key, only).equals(only));
    }

    /** Refuses a setting other than the one implemented, rather than ignore it; absent counts as {@code only}. */
    public void require(String key, boolean only) {
        requireOnly(key, only, flag(key, only) == only);
    }

    /** Refuses a setting other than the one implemented, rather than ignore it; absent counts as {@code only}. */
    public void require(String key, int only) {
        requireOnly(key, only, integer(key, only) == only);
    }

    private void requireOnly(String key, Object only, boolean holds) {
        if (!holds) {
            refuse(bad(key, json.get(key), only + ", nothing else is supported"));
        }
    }

    /** Refuses a number, or a list with one, that is below 1: a size or a count, which must be there or have a default. */
    public void requirePositive(String key) {
        requireWithin(key, Bounds.atLeast(1));
    }

    /** Refuses a number that is not within {@code bounds}, or a list with one or without any; absent is accepted. */
    public void requireWithin(String key, Bounds bounds) {
        Optional<JsonElement> value = value(key);
        if (value.isPresent()) {
            List<Double> values = isList(key) ? reals(key) : List.of(real(key));
            if (values.isEmpty() || !values.stream().allMatch(bounds::contain)) {
                refuse(bad(key, value.get(), bounds.toString()));
            }
        }
    }

    /** Refuses a setting for what it is or means: {@code <name>: <key> <problem>}. Inside of {@link #collect} it is noted. */
    public void refuse(String key, String problem) {
        refuse(bad(key, problem));
    }

    /** Refuses these settings as a whole: {@code <name>: <problem>}. Inside of {@link #collect} it is noted. */
    public void refuse(String problem) {
        refuse(new IllegalArgumentException(name + ": " + problem));
    }

    /**
     * Refuses keys that would have no effect, where they have a value.
     *
     * @param reason why: "optimizer is adamw"
     */
    public void refuseWithoutEffect(String reason, String... keys) {
        for (String key : keys) {
            value(key).ifPresent(value -> refuse(bad(key, value, "none, as " + reason)));
        }
    }

    /** Refuses {@code true}. */
    public void requireFalse(String key) {
        require(key, false);
    }

    /** Refuses a setting this framework does not implement: the key must be absent or {@code null}. */
    public void requireAbsent(String key) {
        value(key).ifPresent(value -> refuse(bad(key, value, "it absent or null, nothing else is supported")));
    }

    private void refuse(IllegalArgumentException problem) {
        noted(
                () -> {
                    throw problem;
                },
                0);
    }

    /**
     * The keys that nothing has asked for, of sections that were read too, with those that lead there: {@code training.rat}.
     * A program's own notes, which begin with an underscore, are none of them.
     */
    public Set<String> unread() {
        Set<String> all = new TreeSet<>();
        unread(reads.asked()).forEach(key -> all.add(keys + key));
        reads.sections().forEach(section -> all.addAll(section.unread()));
        return all;
    }

    private List<String> unread(Collection<String> known) {
        return json.keySet().stream()
                .filter(key -> !key.startsWith("_") && !known.contains(key))
                .toList();
    }

    /** Every key that was asked for, of sections too, with those that lead there: {@code training.rate}. */
    public Set<String> known() {
        Set<String> all = new TreeSet<>();
        reads.asked().forEach(key -> all.add(keys + key));
        reads.sections().forEach(section -> all.addAll(section.known()));
        return all;
    }

    /** Says that keys are known, and of no effect or of one in some cases only: {@link #refuseTheRest} accepts them. */
    public void accept(Collection<String> inert) {
        reads.asked().addAll(inert);
    }

    /** Refuses every key, also of sections, that nothing has asked for: {@link #refuseTheRest(Collection)}. */
    public void refuseTheRest() {
        refuseTheRest(List.of());
    }

    /**
     * Refuses keys that nothing has asked for, when all has been read: for settings that a person writes, where a misspelt key
     * would be ignored. A program's own notes, which begin with an underscore, may be there.
     *
     * @param inert keys that are known, and of no effect or of one in some cases only
     * @throws IllegalArgumentException naming each, and the key that it is nearest to
     */
    public void refuseTheRest(Collection<String> inert) {
        List<String> unknown = new ArrayList<>();
        collectTheRest(inert, unknown);
        if (noting().isPresent()) {
            noting().get().addAll(unknown);
        } else if (!unknown.isEmpty()) {
            throw together(unknown);
        }
    }

    private void collectTheRest(Collection<String> inert, List<String> unknown) {
        Set<String> known = new TreeSet<>(reads.asked());
        known.addAll(inert);
        for (String key : unread(known)) {
            unknown.add(name + ": " + Shown.text(key) + " is no key here, " + NearestKey.of(key, known));
        }
        reads.sections().forEach(section -> section.collectTheRest(List.of(), unknown));
    }

    /** A copy of the whole object. */
    public JsonObject json() {
        return json.deepCopy();
    }

    @Override
    public String toString() {
        return name + " (" + Counted.of(json.size(), "key") + ")";
    }

    private <T> T read(String key, T instead, ConfigValues.Kind<T> kind) {
        Optional<JsonElement> value = value(key);
        return noted(() -> kind.of(key, value.orElseThrow(() -> bad(key, "is missing; expected a value"))), instead);
    }

    private <T> T read(String key, T instead, ConfigValues.Kind<T> kind, T absent) {
        Optional<JsonElement> value = value(key);
        return value.isPresent() ? noted(() -> kind.of(key, value.get()), instead) : absent;
    }

    /** What {@code value} returns; {@code instead} of an error where errors are collected. */
    private <T> T noted(Supplier<T> value, T instead) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            if (noting().isEmpty()) {
                throw e;
            }
            noting().get().add(e.getMessage());
            return instead;
        }
    }

    /** The error of a setting that cannot be used: {@code <name>: <key> <problem>}. */
    public IllegalArgumentException bad(String key, String problem) {
        return new IllegalArgumentException(name(key) + ": " + Shown.text(key) + " " + Shown.sentence(problem));
    }

    /** The error of a value that cannot be used: {@code <name>: <key> is <found>; expected <expected>}. */
    public IllegalArgumentException bad(String key, Object found, String expected) {
        return bad(key, "is " + Shown.text(String.valueOf(found)) + "; expected " + expected);
    }

    private String name(String key) {
        return sources.getOrDefault(key, name);
    }
}
