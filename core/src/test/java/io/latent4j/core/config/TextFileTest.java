package io.latent4j.core.config;

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

        assertThat(TextFile.read(file, 100, "a poem")).isEqualTo(expected);
        assertThat(TextFile.lines(file, 100, "a poem"))
                .isEqualTo(expected.lines().toList());
        try (BufferedReader reader = TextFile.open(file, "a poem")) {
            assertThat(reader.lines()).isEqualTo(expected.lines().toList());
        }
    }

    @Test
    void namesTheFileWhoseBytesAreNotUtf8() throws IOException {
        Files.write(file, new byte[] {'a', '\n', (byte) 0xE9, '\n'});

        String expected = file + ": is not text in UTF-8; expected a poem; check the file and its encoding";
        assertThatIOException()
                .isThrownBy(() -> TextFile.read(file, 100, "a poem"))
                .withMessage(expected);
        assertThatIOException()
                .isThrownBy(() -> {
                    try (BufferedReader reader = TextFile.open(file, "a poem")) {
                        reader.readLine();
                        reader.readLine();
                    }
                })
                .withMessage(expected);
    }

    @Test
    void refusesWhatIsNoTextOfOrdinarySize() throws IOException {
        assertThatIOException()
                .isThrownBy(() -> TextFile.read(file, 9, "a poem"))
                .withMessageContaining("does not exist");
        assertThatIOException()
                .isThrownBy(() -> TextFile.open(folder, "a poem"))
                .withMessageContaining("is a folder; expected a poem");
        Files.writeString(file, "ten bytes.");
        assertThatIOException()
                .isThrownBy(() -> TextFile.read(file, 9, "a poem"))
                .withMessage(file + ": has more than 9 bytes; expected a poem of at most as many; check the file");
    }
}
