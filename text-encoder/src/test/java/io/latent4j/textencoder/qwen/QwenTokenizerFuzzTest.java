package io.latent4j.textencoder.qwen;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.textencoder.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** Any files in a Qwen tokenizer's folder, and any text that it encodes if they are read. */
class QwenTokenizerFuzzTest {
    /** In the order of an input's parts; an empty part is no file. The last part is the text. */
    private static final List<String> FILES =
            List.of("tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json");

    @BeforeAll
    static void loadLibrary() throws IOException {
        String files = "\u001e{\"a\": 0, \"<|endoftext|>\": 1}\u001e#version: 0.2\u001ea";
        new QwenTokenizerFuzzTest().anyFilesAreReadOrRefused(files.getBytes(StandardCharsets.UTF_8));
    }

    @FuzzTest
    void anyFilesAreReadOrRefused(byte[] bytes) throws IOException {
        List<byte[]> parts = Untrusted.parts(bytes);
        String text = Untrusted.text(parts.get(parts.size() - 1));
        Map<String, byte[]> files = new HashMap<>();
        for (int i = 0; i < Math.min(FILES.size(), parts.size() - 1); i++) {
            if (parts.get(i).length > 0) {
                files.put(FILES.get(i), parts.get(i));
            }
        }
        Untrusted.folder(files, folder -> encode(folder, text));
    }

    private static void encode(Path folder, String text) throws IOException {
        try (QwenTokenizer tokenizer = QwenTokenizer.read(folder)) {
            Tokens tokens = tokenizer.encode(text);
            assertThat(tokens.ids()).hasSize(tokenizer.maxLength());
            assertThat(tokens.ids()).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
        }
    }
}
