package io.latent4j.conformance;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** The outcomes of a run, as lines of text or as JSON. */
public final class Report {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private final List<Outcome> outcomes;

    public Report(List<Outcome> outcomes) {
        this.outcomes = List.copyOf(outcomes);
    }

    /** How many cases ended like this. */
    public long count(Status status) {
        return outcomes.stream().filter(outcome -> outcome.status() == status).count();
    }

    /** Whether a case was compared and none failed. */
    public boolean passed() {
        return count(Status.FAIL) == 0 && count(Status.PASS) > 0;
    }

    /** How many cases of each kind ended how. */
    public Map<String, Map<Status, Integer>> kinds() {
        Map<String, Map<Status, Integer>> kinds = new TreeMap<>();
        for (Outcome outcome : outcomes) {
            kinds.computeIfAbsent(outcome.kind(), kind -> new EnumMap<>(Status.class))
                    .merge(outcome.status(), 1, Integer::sum);
        }
        return kinds;
    }

    /** The head of the columns that {@link #line} prints. */
    static String heading(int nameWidth) {
        return format(nameWidth, "case", "error", "tolerance", "result", "worst output, or reason");
    }

    static String line(Outcome outcome, int nameWidth) {
        return format(
                nameWidth,
                outcome.name(),
                number(outcome.error()),
                number(outcome.tolerance()),
                outcome.status().label(),
                outcome.detail());
    }

    private static String format(
            int nameWidth, String name, String error, String tolerance, String status, String detail) {
        String row = "%-" + nameWidth + "s  %9s  %9s  %-11s  %s";
        return String.format(Locale.ROOT, row, name, error, tolerance, status, detail);
    }

    private static String number(OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, "%.2e", value.getAsDouble()) : "-";
    }

    /** A line for each kind, and one for all. */
    public List<String> summary() {
        List<String> lines = new ArrayList<>();
        lines.add(row("kind", "pass", "FAIL", "not covered"));
        kinds().forEach((kind, counts) -> lines.add(row(
                kind,
                counts.getOrDefault(Status.PASS, 0),
                counts.getOrDefault(Status.FAIL, 0),
                counts.getOrDefault(Status.NOT_COVERED, 0))));
        lines.add(row("total", count(Status.PASS), count(Status.FAIL), count(Status.NOT_COVERED)));
        return lines;
    }

    private static String row(Object... columns) {
        return String.format(Locale.ROOT, "%-20s  %6s  %6s  %11s", columns);
    }

    /** Cases, kinds and totals as one JSON object. */
    public String json() {
        JsonArray cases = new JsonArray();
        outcomes.forEach(outcome -> cases.add(json(outcome)));
        JsonObject kinds = new JsonObject();
        kinds().forEach((kind, counts) -> {
            JsonObject row = new JsonObject();
            for (Status status : Status.values()) {
                row.addProperty(status.name().toLowerCase(Locale.ROOT), counts.getOrDefault(status, 0));
            }
            kinds.add(kind, row);
        });
        JsonObject total = new JsonObject();
        for (Status status : Status.values()) {
            total.addProperty(status.name().toLowerCase(Locale.ROOT), count(status));
        }
        JsonObject json = new JsonObject();
        json.add("cases", cases);
        json.add("kinds", kinds);
        json.add("total", total);
        json.addProperty("passed", passed());
        return GSON.toJson(json);
    }

    private static JsonObject json(Outcome outcome) {
        JsonObject json = new JsonObject();
        json.addProperty("name", outcome.name());
        json.addProperty("kind", outcome.kind());
        json.addProperty("status", outcome.status().name().toLowerCase(Locale.ROOT));
        outcome.error().ifPresent(error -> addNumber(json, "error", error));
        outcome.tolerance().ifPresent(tolerance -> addNumber(json, "tolerance", tolerance));
        json.addProperty("detail", outcome.detail());
        return json;
    }

    /** JSON has no infinity; it goes in as text. */
    private static void addNumber(JsonObject json, String key, double value) {
        if (Double.isFinite(value)) {
            json.addProperty(key, value);
        } else {
            json.addProperty(key, Double.toString(value));
        }
    }
}
