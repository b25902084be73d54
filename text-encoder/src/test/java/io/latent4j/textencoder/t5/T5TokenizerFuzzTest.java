package io.latent4j.textencoder.t5;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.textencoder.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Any file in a T5 tokenizer's folder, and a text that it encodes if it is read. */
class T5TokenizerFuzzTest {
    private static final String TEXT = "the  café ﬁsh 😀 </s> end ";

    @FuzzTest
    void anyModelIsReadOrRefused(byte[] bytes) throws IOException {
        Untrusted.folder(Map.of("spiece.model", bytes), T5TokenizerFuzzTest::encode);
    }

    private static void encode(Path folder) throws IOException {
        try (T5Tokenizer tokenizer = T5Tokenizer.read(folder, OptionalInt.of(20), Optional.of("a"))) {
            Tokens tokens = tokenizer.encode(TEXT);
            assertThat(tokens.ids()).hasSize(20);
            assertThat(tokens.ids()).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
        }
    }
}
