package io.latent4j.pipeline.request;

import com.google.common.collect.ImmutableListMultimap;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How an image was made, as many tools write it in the {@code parameters} text of a PNG file: the prompt, {@code Negative
 * prompt:} and the negative prompt, and a last line of settings, {@code Steps: 25, Sampler: Euler}. A value with a comma, a
 * colon, a quote or a line break is a JSON string.
 *
 * <p>Limitations: the form has no quotes around prompts, so a line of a prompt that begins with {@code Negative prompt:} is
 * read as what it says.
 *
 * @param prompt may have several lines
 * @param negativePrompt empty if there is none
 * @param settings in the order of the text; a name may come several times, as for several control networks
 */
public record Parameters(String prompt, String negativePrompt, ImmutableListMultimap<String, String> settings) {
    private static final String NEGATIVE = "Negative prompt:";
    private static final int MOST_LETTERS = 1 << 20;
    private static final Pattern SPECIAL = Pattern.compile("[,:\"\\n\\r\\\\]|^\\s|\\s$");

    public Parameters {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(negativePrompt, "negativePrompt");
        Objects.requireNonNull(settings, "settings");
    }

    /**
     * Reads a text. What has no line of settings at its end is a prompt.
     *
     * @throws IllegalArgumentException if the text has more than a million letters
     */
    public static Parameters parse(String text) {
        if (text.length() > MOST_LETTERS) {
            throw new IllegalArgumentException(
                    "the parameters have " + text.length() + " letters; expected at most " + MOST_LETTERS);
        }
        List<String> lines = text.strip().lines().toList();
        ImmutableListMultimap<String, String> settings =
                lines.isEmpty() ? ImmutableListMultimap.of() : settings(lines.get(lines.size() - 1));
        List<String> prompts = settings.isEmpty() ? lines : lines.subList(0, lines.size() - 1);
        int negative = 0;
        while (negative < prompts.size() && !prompts.get(negative).startsWith(NEGATIVE)) {
            negative++;
        }
        String prompt = String.join("\n", prompts.subList(0, negative)).strip();
        String after = String.join("\n", prompts.subList(negative, prompts.size()));
        return new Parameters(
                prompt,
                after.isEmpty() ? "" : after.substring(NEGATIVE.length()).strip(),
                settings);
    }

    /** The settings of a line; none if it is not made of settings alone, or does not name the steps. */
    private static ImmutableListMultimap<String, String> settings(String line) {
        ImmutableListMultimap.Builder<String, String> settings = ImmutableListMultimap.builder();
        int at = 0;
        while (at < line.length()) {
            int colon = line.indexOf(':', at);
            String name = colon < 0 ? "" : line.substring(at, colon).strip();
            if (name.isEmpty() || name.indexOf(',') >= 0 || name.indexOf('"') >= 0) {
                return ImmutableListMultimap.of();
            }
            int end = end(line, colon + 1);
            settings.put(name, unquoted(line.substring(colon + 1, end)));
            at = end + 1;
        }
        ImmutableListMultimap<String, String> all = settings.build();
        return all.containsKey("Steps") ? all : ImmutableListMultimap.of();
    }

    /** The comma after a value, or the end of the line. A comma within quotes belongs to the value. */
    private static int end(String line, int from) {
        int at = from;
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        if (at < line.length() && line.charAt(at) == '"') {
            at++;
            while (at < line.length() && line.charAt(at) != '"') {
                at += line.charAt(at) == '\\' ? 2 : 1;
            }
        }
        int comma = line.indexOf(',', Math.min(at, line.length()));
        return comma < 0 ? line.length() : comma;
    }

    /** The first value of a setting. */
    public Optional<String> setting(String name) {
        return settings.get(name).stream().findFirst();
    }

    /** The text that {@link #parse} reads. */
    public String text() {
        StringBuilder text = new StringBuilder(prompt).append('\n');
        if (!negativePrompt.isEmpty()) {
            text.append(NEGATIVE).append(' ').append(negativePrompt).append('\n');
        }
        String separator = "";
        for (var setting : settings.entries()) {
            text.append(separator).append(setting.getKey()).append(": ").append(quoted(setting.getValue()));
            separator = ", ";
        }
        return text.toString();
    }

    /** The value as it stands in a text: a JSON string where it would end or begin something else. */
    public static String quoted(String value) {
        return SPECIAL.matcher(value).find() ? new JsonPrimitive(value).toString() : value;
    }

    private static String unquoted(String value) {
        String plain = value.strip();
        if (!plain.startsWith("\"")) {
            return plain;
        }
        try {
            return JsonParser.parseString(plain).getAsString();
        } catch (JsonParseException | IllegalStateException e) { // of another tool, that did not mean JSON
            return plain;
        }
    }
}
