package io.latent4j.conformance;

import com.google.gson.JsonObject;
import io.latent4j.textencoder.Tokens;
import io.latent4j.textencoder.qwen.ChatTemplate;
import io.latent4j.textencoder.qwen.QwenTokenizer;
import io.latent4j.textencoder.t5.T5Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Token ids of the transformer families' tokenizers. The error is the number of ids that differ. */
final class PieceReplay {
    private static final int LONG = 1 << 13; // what no text of a case reaches

    private PieceReplay() {}

    /** A text's pieces by T5's tokenizer, without what ends it: those of SentencePiece itself. */
    static void unigram(Path folder, JsonObject row, Workbench bench, Comparison comparison) throws IOException {
        T5Tokenizer tokenizer = bench.tokenizer(T5Tokenizer.class, folder, path -> T5Tokenizer.read(path, LONG));
        compare(tokenizer.encode(text(row)), row, "raw", comparison);
    }

    /** A text's ids by T5's tokenizer, with the end token and padding. */
    static void padded(Path folder, String text, List<Long> expected, Comparison comparison) throws IOException {
        try (T5Tokenizer tokenizer = T5Tokenizer.read(folder, expected.size())) {
            comparison.error(
                    "ids", TokenizerReplay.differing(tokenizer.encode(text).ids(), expected), 0);
        }
    }

    /** A text's ids by Qwen's tokenizer. */
    static void bytePairs(Path folder, JsonObject row, Workbench bench, Comparison comparison) throws IOException {
        QwenTokenizer tokenizer = bench.tokenizer(QwenTokenizer.class, folder, path -> QwenTokenizer.read(path, LONG));
        compare(tokenizer.encode(text(row)), row, "ids", comparison);
    }

    /** The chats around a prompt. */
    static void chats(JsonObject chat, Comparison comparison) {
        String prompt = chat.get("prompt").getAsString();
        equal("z_image", ChatTemplate.ANSWER.of(prompt), chat, comparison);
        equal("flux2_klein", ChatTemplate.ANSWER_WITHOUT_THINKING.of(prompt), chat, comparison);
    }

    private static void equal(String name, String got, JsonObject chat, Comparison comparison) {
        if (chat.has(name)) {
            comparison.error(name, got.equals(chat.get(name).getAsString()) ? 0 : 1, 0);
        }
    }

    private static String text(JsonObject row) {
        return row.get("text").getAsString();
    }

    private static void compare(Tokens tokens, JsonObject row, String expected, Comparison comparison) {
        List<Long> own =
                tokens.ids().subList(0, Math.min(tokens.count(), tokens.ids().size()));
        comparison.error("ids", TokenizerReplay.differing(own, TokenizerReplay.ids(row.getAsJsonArray(expected))), 0);
    }
}
