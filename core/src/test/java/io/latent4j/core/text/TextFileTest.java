package io.latent4j.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFileTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("a.txt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uFEFF", "a red dog", "\uFEFFun chien\r\nrouge\n", "a\uFEFFb"})
    void dropsAByteOrderMark(String text) throws IOException {
        Files.writeString(file, text);
        String expected = text.startsWith("\uFEFF") ? text.substring(1) : text;

        assertThat(TextFile.read(file, 100)).isEqualTo(expected);
        assertThat(TextFile.lines(file, 100)).isEqualTo(expected.lines().toList());
        try (BufferedReader reader = TextFile.open(file)) {
            assertThat(reader.lines()).isEqualTo(expected.lines().toList());
        }
    }

    @Test
    void namesTheFileWhoseBytesAreNotUtf8() throws IOException {
        Files.write(file, new byte[] {'a', '\n', (byte) 0xE9, '\n'});

        String expected = file + ": is not UTF-8; expected a text in UTF-8";
        assertThatIOException().isThrownBy(() -> TextFile.read(file, 100)).withMessage(expected);
        assertThatIOException()
                .isThrownBy(() -> {
                    try (BufferedReader reader = TextFile.open(file)) {
                        reader.readLine();
                        reader.readLine();
                    }
                })
                .withMessage(expected);
    }

    @Test
    void refusesWhatIsNoTextOfOrdinarySize() throws IOException {
        assertThatIOException().isThrownBy(() -> TextFile.read(file, 9)).withMessageContaining("does not exist");
        assertThatIOException().isThrownBy(() -> TextFile.open(folder)).withMessageContaining("not a regular file");
        Files.writeString(file, "ten bytes.");
        assertThatIOException()
                .isThrownBy(() -> TextFile.read(file, 9))
                .withMessage(file + ": has 10 bytes; expected a text of at most 9");
    }
}
