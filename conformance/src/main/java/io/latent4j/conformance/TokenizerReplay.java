package io.latent4j.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.textencoder.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A text's token ids. Where implementations of the tokenizer disagree, one of them must be met. The error is the number
 * of ids that differ.
 */
record TokenizerReplay(Path folder, JsonObject row) implements Replay {

    @Override
    public void run(Workbench bench, Comparison comparison) throws IOException {
        Tokens tokens = bench.tokenizer(ClipTokenizer.class, folder, ClipTokenizer::read)
                .encode(row.get("text").getAsString());
        if (!row.has("agree") || row.get("agree").getAsBoolean()) {
            comparison.error("ids", differing(tokens.ids(), ids(row.getAsJsonArray("ids"))), 0);
            if (row.has("raw_len")) {
                comparison.number(
                        "token count", tokens.count(), row.get("raw_len").getAsInt(), Tolerance.NONE);
            }
            return;
        }
        Map<String, List<Long>> variants = variants();
        String closest = variants.keySet().stream()
                .min((a, b) -> Integer.compare(
                        differing(tokens.ids(), variants.get(a)), differing(tokens.ids(), variants.get(b))))
                .orElseThrow();
        comparison.error("ids", differing(tokens.ids(), variants.get(closest)), 0);
        comparison.remark("as " + closest);
    }

    /** What each implementation answers, by its name. */
    private Map<String, List<Long>> variants() {
        Map<String, List<Long>> variants = new LinkedHashMap<>();
        if (row.has("variants")) {
            row.getAsJsonObject("variants").asMap().forEach((name, ids) -> {
                if (ids.isJsonArray()) {
                    variants.put(name, ids(ids.getAsJsonArray()));
                }
            });
        }
        variants.put("the reference", ids(row.getAsJsonArray("ids")));
        return variants;
    }

    static List<Long> ids(JsonArray ids) {
        return ids.asList().stream().map(JsonElement::getAsLong).toList();
    }

    static int differing(List<Long> got, List<Long> expected) {
        int both = Math.min(got.size(), expected.size());
        int differing = Math.max(got.size(), expected.size()) - both;
        for (int i = 0; i < both; i++) {
            if (!got.get(i).equals(expected.get(i))) {
                differing++;
            }
        }
        return differing;
    }
}
