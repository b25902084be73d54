package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** Any files in a tokenizer's folder, and any text that it encodes if they are read. */
class TokenizerFuzzTest {
    /** In the order of an input's parts; an empty part is no file. The last part is the text. */
    private static final List<String> FILES = List.of(
            "vocab.json",
            "merges.txt",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json");

    @BeforeAll
    static void loadLibrary() throws IOException {
        String vocab = "{\"a</w>\": 0, \"<|startoftext|>\": 1, \"<|endoftext|>\": 2}";
        new TokenizerFuzzTest()
                .anyFilesAreReadOrRefused((vocab + "\u001e#version: 0.2\u001ea").getBytes(StandardCharsets.UTF_8));
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
        try (ClipTokenizer tokenizer = ClipTokenizer.read(folder)) {
            Tokens tokens = tokenizer.encode(text);
            assertThat(tokens.ids()).hasSize(tokenizer.maxLength());
            assertThat(tokens.ids()).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
        }
    }
}
