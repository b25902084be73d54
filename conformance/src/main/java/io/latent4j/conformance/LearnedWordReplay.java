package io.latent4j.conformance;

import ai.djl.ndarray.NDScope;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.textencoder.LearnedWord;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TokenBatch;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Texts with a learned word: their ids, and what the text encoder makes of them, from each file that has the word. */
final class LearnedWordReplay {
    private LearnedWordReplay() {}

    @SuppressWarnings("try")
    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        ClipTextModel model =
                bench.model(ClipTextModel.class, file.model().resolve("text_encoder"), ClipTextModel::load);
        try (ClipTokenizer tokenizer = ClipTokenizer.read(file.model().resolve("tokenizer"));
                NDScope scope = new NDScope()) {
            for (JsonElement element : file.array("cases")) {
                JsonObject each = element.getAsJsonObject();
                for (JsonElement path : each.getAsJsonArray("files")) {
                    String name = path.getAsString();
                    String token = each.getAsJsonObject("added_tokens")
                            .keySet()
                            .iterator()
                            .next();
                    LearnedWord word = LearnedWord.read(file.root().resolve(name), Optional.of(token), file.manager());
                    LearnedWords words = LearnedWords.of(model.config(), List.of(word));
                    String prefix = each.get("index").getAsInt() + "/";
                    TokenBatch tokens = words.encode(
                            tokenizer,
                            file.manager(),
                            List.of(each.get("prompt").getAsString()));
                    comparison.arrays(
                            prefix + "input_ids of " + name,
                            tokens.ids(),
                            file.tensor(prefix + "in.input_ids"),
                            Tolerance.NONE);
                    comparison.arrays(
                            prefix + "last_hidden_state of " + name,
                            model.forward(Pass.inference(), tokens).last(),
                            file.tensor(prefix + "out.last_hidden_state"),
                            Tolerance.of(each));
                }
            }
        }
    }
}
