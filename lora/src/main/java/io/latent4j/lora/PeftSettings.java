package io.latent4j.lora;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * PEFT's settings of the scale of its factors, which are not among the tensors: in the header's {@code
 * lora_adapter_metadata}, whose keys begin with the part of the model, or in an {@code adapter_config.json} beside the
 * file. The ranks are those of the tensors, so {@code r} and {@code rank_pattern} are not read.
 */
final class PeftSettings {
    static final String METADATA = "lora_adapter_metadata";

    private final Optional<Config> settings;
    private final Map<String, Patterns> patterns = new HashMap<>();

    private PeftSettings(Optional<Config> settings) {
        this.settings = settings;
    }

    /** @throws IOException if there are settings that cannot be read */
    static PeftSettings of(Path file, Map<String, String> metadata) throws IOException {
        if (metadata.containsKey(METADATA)) {
            try {
                JsonObject json = JsonParser.parseString(metadata.get(METADATA)).getAsJsonObject();
                return new PeftSettings(Optional.of(Config.of(file + ": " + METADATA, json)));
            } catch (JsonParseException | IllegalStateException e) {
                throw new IOException(file + ": the header's " + METADATA + " is not a JSON object; expected one", e);
            }
        }
        Path beside = file.resolveSibling("adapter_config.json");
        boolean peft = file.getFileName().toString().startsWith("adapter_model") && Files.isRegularFile(beside);
        return new PeftSettings(peft ? Optional.of(Config.read(beside)) : Optional.empty());
    }

    /**
     * The alpha of a layer, as the file calls it; empty where there are no settings of it.
     *
     * @throws IllegalArgumentException if the settings are not of the kind that PEFT writes, naming file and key
     */
    OptionalDouble alpha(String layer) {
        return settings.map(json -> alpha(json, layer)).orElse(OptionalDouble.empty());
    }

    private OptionalDouble alpha(Config json, String layer) {
        String prefix = prefix(json, layer);
        OptionalDouble own = patterns.computeIfAbsent(prefix, part -> Patterns.of(json, part + "alpha_pattern"))
                .find(LayerNames.unwrapped(layer.substring(prefix.length())));
        if (own.isPresent()) {
            return own;
        }
        String key = prefix + "lora_alpha";
        return json.has(key) ? OptionalDouble.of(finite(json, key)) : OptionalDouble.empty();
    }

    private static double finite(Config json, String key) {
        double value = json.real(key);
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    json.name() + ": " + key + " is " + value + "; expected a finite number; the settings are damaged");
        }
        return value;
    }

    /** Whether alpha is divided by the root of the rank, not by the rank (<a href="https://arxiv.org/abs/2312.03732">Kalajdzievski 2023</a>). */
    boolean rankStabilized(String layer) {
        return settings.map(json -> json.flag(prefix(json, layer) + "use_rslora", false))
                .orElse(false);
    }

    private static String prefix(Config json, String layer) {
        String part = layer.substring(0, layer.indexOf('.') + 1);
        return json.keys().stream().anyMatch(key -> !part.isEmpty() && key.startsWith(part)) ? part : "";
    }

    /**
     * Numbers by regular expressions of layers' names. As in PEFT the first whose {@code (.*\.)?(EXPRESSION)$} fits a name
     * counts; expressions without a bound on their work, with back references or looking around, are refused.
     */
    private static final class Patterns {
        private static final int MOST = 100_000;
        private static final int LONGEST = 1000;
        private static final long MOST_REPEATS = 1000; // of counted repetitions, multiplied
        private static final long MOST_WORK = 300_000_000; // letters of expressions times letters of names
        private static final java.util.regex.Pattern REPEAT = java.util.regex.Pattern.compile("\\{(\\d+),?(\\d*)}");

        private final String key;
        private final List<Fitting> expressions = new ArrayList<>();
        private final Map<Integer, List<Fitting>> literals = new HashMap<>(); // by length
        private long work;

        /**
         * A number and the names it is for.
         *
         * @param place in the order of the file
         * @param literal as written, where it has no signs but dots, else empty
         * @param size of the expression, its counted repetitions written out
         */
        private record Fitting(int place, String literal, Optional<Pattern> expression, long size, double value) {

            /** Whether the name ends with the literal, each of whose dots is any letter. */
            boolean isAt(String name, int start) {
                for (int i = 0; i < literal.length(); i++) {
                    if (literal.charAt(i) != '.' && literal.charAt(i) != name.charAt(start + i)) {
                        return false;
                    }
                }
                return true;
            }
        }

        private Patterns(String key) {
            this.key = key;
        }

        static Patterns of(Config json, String key) {
            String place = json.name() + ": " + key;
            Patterns patterns = new Patterns(place);
            Optional<Config> found = json.object(key);
            if (found.isEmpty()) {
                return patterns;
            }
            if (found.get().keys().size() > MOST) {
                throw new IllegalArgumentException(
                        place + " has " + found.get().keys().size() + " patterns; expected at most " + MOST);
            }
            int at = 0;
            for (String pattern : found.get().keys()) {
                patterns.add(at++, pattern, finite(found.get(), pattern));
            }
            return patterns;
        }

        private void add(int place, String pattern, double value) {
            if (pattern.length() > LONGEST) {
                throw new IllegalArgumentException(key + " has a pattern of " + pattern.length()
                        + " letters; expected at most " + LONGEST + " of a regular expression");
            }
            if (pattern.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '.')) {
                literals.computeIfAbsent(pattern.length(), length -> new ArrayList<>())
                        .add(new Fitting(place, pattern, Optional.empty(), pattern.length(), value));
                return;
            }
            long repeats = repeats(pattern);
            if (repeats > MOST_REPEATS) {
                throw new IllegalArgumentException(key + " has the pattern " + pattern
                        + ", whose counted repetitions multiply; expected at most " + MOST_REPEATS);
            }
            try {
                Pattern whole = Pattern.compile("(.*\\.)?(" + pattern + ")$");
                expressions.add(new Fitting(place, "", Optional.of(whole), repeats * pattern.length(), value));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        key + " has the pattern " + pattern + ", which is not supported: " + e.getDescription()
                                + "; expected a regular expression without back references that does not look around",
                        e);
            }
        }

        private static long repeats(String pattern) {
            long product = 1;
            java.util.regex.Matcher repeat = REPEAT.matcher(pattern);
            while (repeat.find() && product <= MOST_REPEATS) {
                String most = repeat.group(2).isEmpty() ? repeat.group(1) : repeat.group(2);
                product *= most.length() > 4 ? MOST_REPEATS + 1 : Math.max(1, Long.parseLong(most));
            }
            return product;
        }

        OptionalDouble find(String name) {
            Optional<Fitting> literal = literal(name);
            for (Fitting each : expressions) {
                if (literal.isPresent() && literal.get().place() < each.place()) {
                    break;
                }
                work += each.size() * name.length();
                if (work > MOST_WORK) {
                    throw new IllegalArgumentException(key + " has " + expressions.size()
                            + " regular expressions for many layers, which take too long to try; expected fewer");
                }
                if (each.expression().orElseThrow().matcher(name).lookingAt()) {
                    return OptionalDouble.of(each.value());
                }
            }
            return literal.isPresent() ? OptionalDouble.of(literal.get().value()) : OptionalDouble.empty();
        }

        /** The first literal that is the end of the name from a dot, or from its beginning. */
        private Optional<Fitting> literal(String name) {
            Optional<Fitting> first = Optional.empty();
            int start = 0;
            do {
                for (Fitting each : literals.getOrDefault(name.length() - start, List.of())) {
                    if ((first.isEmpty() || each.place() < first.get().place()) && each.isAt(name, start)) {
                        first = Optional.of(each);
                    }
                }
                start = name.indexOf('.', start) + 1;
            } while (start > 0);
            return first;
        }
    }
}
