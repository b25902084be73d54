package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.latent4j.cli.output.Messages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    @Test
    void saysWhatTheEngineFoundAndNotWhere() {
        String text = """
                The following operation failed in the TorchScript interpreter.
                Traceback of TorchScript
                    ~~~~ <--- HERE
                RuntimeError: Expected 7 groups
                """;

        assertThat(Messages.of(new EngineException(text)))
                .isEqualTo("the engine says: RuntimeError: Expected 7 groups");
    }

    @Test
    void saysWhatToDoWhenTheEngineHasNoMemory() {
        String text = "The operation failed.\nRuntimeError: DefaultCPUAllocator: can't allocate memory: 5";

        assertThat(Messages.of(new EngineException(text)))
                .startsWith("out of memory (")
                .endsWith("; make fewer or smaller images at a time");
    }

    @Test
    void isOneLineWithoutControlCharacters() {
        assertThat(Messages.of(new IOException("x: tensor \"a\n\u001b[31mb\"; expected c")))
                .isEqualTo("x: tensor \"a ?[31mb\"; expected c");
    }

    @Test
    void leavesOutTheMiddleOfWhatIsTooLong() {
        String message = Messages.of(new IOException("x".repeat(1 << 20) + ": there is no such file; check the path"));
        assertThat(message)
                .hasSizeLessThan(5000)
                .startsWith("xxx")
                .contains("… (1044615 letters) …")
                .endsWith(": there is no such file; check the path");
    }

    @Test
    void aFileErrorWithoutWordsOfItsOwnSpeaksForItself() {
        IOException cause = new NoSuchFileException("x.png");

        assertThat(Messages.of(new UncheckedIOException(cause))).isEqualTo("x.png: there is no such file");
        assertThat(Messages.of(new UncheckedIOException("the preview cannot be written", cause)))
                .isEqualTo("the preview cannot be written");
    }
}
