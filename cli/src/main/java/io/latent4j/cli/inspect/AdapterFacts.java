package io.latent4j.cli.inspect;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.cli.output.Table;
import io.latent4j.core.config.Counted;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraFile;
import io.latent4j.lora.LoraNaming;
import io.latent4j.lora.LoraReport;
import io.latent4j.pipeline.model.Families;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an adapter file says of itself.
 *
 * @param report empty where the adapter cannot be used
 * @param problem why not
 * @param compared whether the report says what a model has no place for
 */
record AdapterFacts(Optional<LoraReport> report, String problem, boolean compared) {

    /**
     * Of a file with these weights; empty if they are no adapter's.
     *
     * @param model the parts of the model that the adapter is to be compared with
     */
    static Optional<AdapterFacts> of(Path file, WeightFacts weights, Optional<AdaptableModel> model) {
        if (file.toString().endsWith(".json")
                || !LoraFile.isAdapter(weights.tensors().keySet())) {
            return Optional.empty();
        }
        try {
            LoraReport report = model.isPresent()
                    ? Lora.report(file, model.get())
                    : LoraFile.read(file).report(layers -> Families.installed().adapterOrigin(layers));
            return Optional.of(new AdapterFacts(Optional.of(report), "", model.isPresent()));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of(new AdapterFacts(Optional.empty(), String.valueOf(e.getMessage()), model.isPresent()));
        }
    }

    List<String> lines() {
        if (report.isEmpty()) {
            return List.of("an adapter that cannot be used: " + problem);
        }
        LoraReport found = report.get();
        Table table = new Table()
                .row(
                        "adapter",
                        new TreeMap<>(found.kinds())
                                .entrySet().stream()
                                        .map(kind -> Counted.of(kind.getValue(), "layer") + " " + kind.getKey())
                                        .collect(Collectors.joining(", ")))
                .row("names", found.namings().stream().map(LoraNaming::title).collect(Collectors.joining(", ")))
                .row("rank", joined(found.ranks()))
                .row("alpha", joined(found.alphas()))
                .row("made for", found.madeFor().orElse("not said"));
        if (compared) {
            table.row("matched", found.matched() + " of " + Counted.of(found.layers(), "layer"));
        }
        if (!found.unmatched().isEmpty()) {
            table.row(
                    "not matched",
                    Counted.of(found.unmatched().size(), "layer") + ", "
                            + found.unmatched().get(0) + " for instance");
        }
        if (!found.words().isEmpty()) {
            table.row("learned words", String.join(", ", found.words()));
        }
        if (!found.unread().isEmpty()) {
            table.row(
                    "ignored",
                    Counted.of(found.unread().size(), "tensor") + ", "
                            + found.unread().get(0) + " for instance");
        }
        return table.lines();
    }

    private static String joined(Collection<? extends Number> numbers) {
        return numbers.isEmpty()
                ? "none"
                : numbers.stream()
                        .map(number -> new BigDecimal(number.toString()).stripTrailingZeros())
                        .map(BigDecimal::toPlainString)
                        .collect(Collectors.joining(", "));
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        if (report.isEmpty()) {
            json.addProperty("problem", problem);
            return json;
        }
        LoraReport found = report.get();
        JsonObject kinds = new JsonObject();
        new TreeMap<>(found.kinds()).forEach(kinds::addProperty);
        json.add("layers", kinds);
        JsonArray names = new JsonArray();
        found.namings().forEach(naming -> names.add(naming.title()));
        json.add("names", names);
        JsonArray ranks = new JsonArray();
        found.ranks().forEach(ranks::add);
        json.add("ranks", ranks);
        JsonArray alphas = new JsonArray();
        found.alphas().forEach(alphas::add);
        json.add("alphas", alphas);
        found.madeFor().ifPresent(family -> json.addProperty("made_for", family));
        if (compared) {
            json.addProperty("matched", found.matched());
            JsonArray unmatched = new JsonArray();
            found.unmatched().forEach(unmatched::add);
            json.add("unmatched", unmatched);
        }
        JsonArray words = new JsonArray();
        found.words().forEach(words::add);
        json.add("words", words);
        JsonArray ignored = new JsonArray();
        found.unread().forEach(ignored::add);
        json.add("ignored", ignored);
        return json;
    }
}
