package io.latent4j.cli.evaluate;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.cli.output.Table;
import io.latent4j.core.config.Counted;
import io.latent4j.training.data.evaluation.Tally;
import io.latent4j.training.data.scenes.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What came of an evaluation, for people and for programs.
 *
 * @param results one a guidance scale
 * @param drawnDiversity what results' diversity would be for drawn scenes, if it is told
 */
record Evaluated(String model, long seed, int steps, List<Result> results, OptionalDouble drawnDiversity) {

    /** What came of one guidance scale. */
    record Result(double guidanceScale, Tally tally, OptionalDouble diversity) {
        /** The guidance scale, without a fraction where it has none. */
        String guidance() {
            return guidanceScale == Math.rint(guidanceScale)
                    ? Long.toString(Math.round(guidanceScale))
                    : Double.toString(guidanceScale);
        }
    }

    /** A line of a table: which images, and what of them is right. */
    private record Row(String name, String key, Tally tally) {}

    private static List<Row> rows(Tally tally) {
        return Stream.of(
                        new Row("one object", "one_object", tally.of(1)),
                        new Row("two objects", "two_objects", tally.of(2)),
                        new Row("all", "all", tally))
                .filter(row -> !row.tally().images().isEmpty())
                .toList();
    }

    /** A table a guidance scale, and one that compares several. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Result result : results) {
            lines.add(model + ", " + Counted.of(result.tally().images().size(), "held-out caption") + ", seed " + seed
                    + ", " + Counted.of(steps, "step") + ", guidance " + result.guidance());
            lines.addAll(table(result.tally()));
            lines.add("");
        }
        if (results.size() > 1) {
            lines.add("all right, and how much images of one caption differ");
            lines.addAll(comparison());
        } else {
            lines.remove(lines.size() - 1);
        }
        return lines;
    }

    private static List<String> table(Tally tally) {
        Table table = new Table()
                .row(Stream.concat(Stream.of("", "images", "all right"), facts())
                        .toArray(String[]::new));
        for (Row row : rows(tally)) {
            Stream<String> facts =
                    Stream.of(Fact.values()).map(fact -> percent(row.tally().right(fact)));
            table.row(Stream.concat(
                            Stream.of(
                                    row.name(),
                                    "" + row.tally().images().size(),
                                    percent(row.tally().allRight())),
                            facts)
                    .toArray(String[]::new));
        }
        return table.lines();
    }

    private static Stream<String> facts() {
        return Stream.of(Fact.values()).map(Fact::word);
    }

    private List<String> comparison() {
        Table table = new Table().row("guidance", "one object", "two objects", "all", "diversity");
        for (Result result : results) {
            Tally tally = result.tally();
            table.row(
                    result.guidance(),
                    percent(tally.of(1).allRight()),
                    percent(tally.of(2).allRight()),
                    percent(tally.allRight()),
                    number(result.diversity()));
        }
        return table.row("(drawn)", "", "", "", number(drawnDiversity)).lines();
    }

    private static String percent(OptionalDouble share) {
        return share.isEmpty() ? "-" : String.format(Locale.ROOT, "%.1f%%", 100 * share.getAsDouble());
    }

    private static String number(OptionalDouble value) {
        return value.isEmpty() ? "-" : String.format(Locale.ROOT, "%.3f", value.getAsDouble());
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("model", model);
        json.addProperty("seed", seed);
        json.addProperty("steps", steps);
        JsonArray scales = new JsonArray();
        for (Result result : results) {
            JsonObject scale = new JsonObject();
            scale.addProperty("guidance_scale", result.guidanceScale());
            rows(result.tally()).forEach(row -> scale.add(row.key(), json(row.tally())));
            result.diversity().ifPresent(diversity -> scale.addProperty("diversity", diversity));
            scales.add(scale);
        }
        json.add("results", scales);
        drawnDiversity.ifPresent(diversity -> json.addProperty("diversity_of_drawn", diversity));
        return json;
    }

    private static JsonObject json(Tally tally) {
        JsonObject json = new JsonObject();
        json.addProperty("images", tally.images().size());
        tally.allRight().ifPresent(share -> json.addProperty("all_right", share));
        for (Fact fact : Fact.values()) {
            tally.right(fact).ifPresent(share -> json.addProperty(fact.word(), share));
        }
        return json;
    }
}
