package io.latent4j.textencoder.t5;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import io.latent4j.textencoder.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Any {@code tokenizer.json} and {@code tokenizer_config.json} of a T5 tokenizer, and a text that it encodes if read. */
class UnigramJsonFuzzTest {

    @FuzzTest
    void anyFilesAreReadOrRefused(byte[] bytes) throws IOException {
        List<byte[]> parts = Untrusted.parts(bytes);
        Map<String, byte[]> files = parts.size() == 1
                ? Map.of("tokenizer.json", parts.get(0))
                : Map.of("tokenizer.json", parts.get(0), "tokenizer_config.json", parts.get(1));
        String text = parts.size() > 2 ? Untrusted.text(parts.get(2)) : "the  café ﬁsh 😀 </s> end ";
        Untrusted.folder(files, folder -> encode(folder, text));
    }

    private static void encode(Path folder, String text) throws IOException {
        try (T5Tokenizer tokenizer = T5Tokenizer.read(folder, OptionalInt.of(20), Optional.empty())) {
            Tokens tokens = tokenizer.encode(text);
            assertThat(tokens.ids()).hasSize(20);
            assertThat(tokens.ids()).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
        }
    }
}
