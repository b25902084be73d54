package io.latent4j.cli.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

class PreviewArgumentTest {
    /** A command that shows its steps, and what may stand beside that. */
    private static final class Command {
        @Option(names = "--preview", arity = "0..1", parameterConsumer = PreviewArgument.class)
        private Optional<String> preview;

        @Option(names = {"-o", "--output"})
        private String output = "";

        @Parameters(arity = "0..1")
        private String prompt = "";
    }

    @ParameterizedTest
    @CsvSource({
        "--output=boats/, '', boats/, ''",
        "-oboats/, '', boats/, ''",
        "taesd_decoder.safetensors, taesd_decoder.safetensors, '', ''",
        "vae.ckpt, vae.ckpt, '', ''",
        "vae.bin, vae.bin, '', ''",
        "owner/name, owner/name, '', ''",
        "a star, '', '', a star",
    })
    void takesAnAutoencoderAndNothingElse(String next, String preview, String output, String prompt) {
        Command command = CommandLine.populateCommand(new Command(), "--preview", next);
        assertThat(command.preview).contains(preview);
        assertThat(command.output).isEqualTo(output);
        assertThat(command.prompt).isEqualTo(prompt);
    }
}
