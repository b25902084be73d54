package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import com.google.gson.JsonElement;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.textencoder.ClipTextConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.textencoder.TextStates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hidden states of texts, of every layer where the case holds them, and the ids of the texts themselves. */
final class TextEncoderReplay {
    private TextEncoderReplay() {}

    @SuppressWarnings("try")
    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("input_ids"));
        Config config = Config.read(file.component().resolve("config.json"));
        NotCovered.ifRefused(() -> ClipTextConfig.from(config));
        ClipTextModel model = bench.model(ClipTextModel.class, file.component(), ClipTextModel::load);
        try (NDScope scope = new NDScope()) {
            NDArray ids = file.in("input_ids");
            compareIds(file, ids, comparison);
            file.compare(comparison, outputs(model.forward(Pass.inference(), ids)), Set.of());
        }
    }

    private static Map<String, NDArray> outputs(TextStates states) {
        Map<String, NDArray> got = new HashMap<>();
        got.put("out.last_hidden_state", states.last());
        got.put("out.pooler_output", states.pooled());
        got.put("out.penultimate", states.penultimate());
        states.projected().ifPresent(projected -> got.put("out.text_embeds", projected));
        for (int i = 0; i < states.hidden().size(); i++) {
            got.put("dbg.hidden_states." + i, states.hidden().get(i));
        }
        return got;
    }

    /** The ids of the case's texts, by the tokenizer that goes with the encoder. */
    private static void compareIds(CaseFile file, NDArray ids, Comparison comparison) throws IOException {
        Path folder = file.model().resolve(file.componentName().replace("text_encoder", "tokenizer"));
        if (file.scalars().has("prompts") && Files.isDirectory(folder)) {
            List<String> prompts = file.scalars().getAsJsonArray("prompts").asList().stream()
                    .map(JsonElement::getAsString)
                    .toList();
            try (ClipTokenizer tokenizer = ClipTokenizer.read(folder)) {
                comparison.arrays("input_ids", tokenizer.encode(file.manager(), prompts), ids, Tolerance.NONE);
            }
        }
    }
}
