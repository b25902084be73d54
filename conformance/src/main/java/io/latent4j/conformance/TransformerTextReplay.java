package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import com.google.gson.JsonElement;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TextStates;
import io.latent4j.textencoder.TextTokenizer;
import io.latent4j.textencoder.TokenBatch;
import io.latent4j.textencoder.qwen.ChatTemplate;
import io.latent4j.textencoder.qwen.Qwen3Config;
import io.latent4j.textencoder.qwen.Qwen3TextModel;
import io.latent4j.textencoder.qwen.QwenTokenizer;
import io.latent4j.textencoder.t5.RelativeBuckets;
import io.latent4j.textencoder.t5.T5Config;
import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.textencoder.t5.T5Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** States of texts by the text encoders of the transformer families, and the ids of the texts themselves. */
final class TransformerTextReplay {
    private static final Set<String> INPUTS = Set.of("input_ids", "attention_mask");

    private TransformerTextReplay() {}

    /** T5's, with a mask of the padding or without. */
    @SuppressWarnings("try")
    static void t5(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(INPUTS);
        Config config = Config.read(file.component().resolve("config.json"));
        NotCovered.ifRefused(() -> T5Config.from(config));
        compareIds(file, comparison, folder -> T5Tokenizer.read(folder, length(file)));
        T5EncoderModel model = bench.model(T5EncoderModel.class, file.component(), T5EncoderModel::load);
        try (NDScope scope = new NDScope()) {
            TokenBatch batch = batch(file);
            TextStates states = model.forward(Pass.inference(), batch);
            Map<String, NDArray> got = new HashMap<>();
            got.put("out.last_hidden_state", states.last());
            for (int i = 0; i < states.hidden().size(); i++) {
                got.put("dbg.hidden_states." + i, states.hidden().get(i));
            }
            file.compare(comparison, got, Set.of());
            comparison.arrays(
                    "last",
                    model.last(Pass.inference(), batch),
                    file.tensor("out.last_hidden_state"),
                    file.tolerance("out.last_hidden_state"));
        }
    }

    /** Qwen3's, which are normalized after the last layer. */
    @SuppressWarnings("try")
    static void qwen3(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(INPUTS);
        Config config = Config.read(file.component().resolve("config.json"));
        NotCovered.ifRefused(() -> Qwen3Config.from(config));
        ChatTemplate chat = file.scalars().get("enable_thinking").getAsBoolean()
                ? ChatTemplate.ANSWER
                : ChatTemplate.ANSWER_WITHOUT_THINKING;
        compareIds(file, comparison, folder -> QwenTokenizer.read(folder, length(file), chat));
        Qwen3TextModel model = bench.model(Qwen3TextModel.class, file.component(), Qwen3TextModel::load);
        try (NDScope scope = new NDScope()) {
            TokenBatch batch = batch(file);
            Map<String, NDArray> got = new HashMap<>();
            NDArray last = model.forward(Pass.inference(), batch).last();
            got.put("out.last_hidden_state", last);
            int layers = model.config().layers();
            got.put("out.hidden_states." + layers, last);
            for (int i = 0; i < layers; i++) {
                if (file.has("out.hidden_states." + i)) {
                    got.put("out.hidden_states." + i, model.states(Pass.inference(), batch, List.of(i)));
                }
            }
            file.compare(comparison, got, Set.of());
        }
    }

    /** The buckets of T5's relative positions, from -n to n. */
    static void buckets(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        RelativeBuckets buckets =
                new RelativeBuckets((int) file.number("num_buckets", 0), (int) file.number("max_distance", 0));
        long[] expected = file.tensor("out.bucket").toLongArray();
        int most = expected.length / 2;
        int differing = 0;
        for (int i = 0; i < expected.length; i++) {
            differing += buckets.of(i - most) == expected[i] ? 0 : 1;
        }
        comparison.error("buckets", differing, 0);
    }

    private static int length(CaseFile file) {
        return (int) file.number("max_length", 0);
    }

    /** The ids, of which those that the mask leaves out are padding. */
    private static TokenBatch batch(CaseFile file) throws IOException {
        NDArray ids = file.in("input_ids");
        if (!file.has("in.attention_mask")) {
            return TokenBatch.of(ids);
        }
        float[] mask = Comparison.floats(file.in("attention_mask"));
        int tokens = (int) ids.getShape().get(1);
        List<Integer> lengths = new ArrayList<>();
        for (int from = 0; from < mask.length; from += tokens) {
            int length = 0;
            while (length < tokens && mask[from + length] == 1) {
                length++;
            }
            for (int i = length; i < tokens; i++) {
                if (mask[from + i] != 0) {
                    throw new NotCovered("a mask with tokens after padding");
                }
            }
            lengths.add(length);
        }
        return new TokenBatch(ids, lengths, LearnedWords.none());
    }

    /** The ids of the case's texts, by the tokenizer that goes with the encoder. */
    @SuppressWarnings("try")
    private static void compareIds(
            CaseFile file, Comparison comparison, Workbench.TokenizerReader<? extends TextTokenizer> reader)
            throws IOException {
        Path folder = file.model().resolve(file.componentName().replace("text_encoder", "tokenizer"));
        if (!file.scalars().has("prompts") || !Files.isDirectory(folder)) {
            return;
        }
        List<String> prompts = file.scalars().getAsJsonArray("prompts").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
        try (TextTokenizer tokenizer = reader.read(folder);
                NDScope scope = new NDScope()) {
            NDArray ids = tokenizer.encode(file.manager(), prompts);
            comparison.arrays("input_ids", ids, file.in("input_ids"), Tolerance.NONE);
        }
    }
}
