package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Latent4jTest {

    @ParameterizedTest
    @ValueSource(strings = {"generate", "compare", "schedulers", "inspect", "doctor", "dataset", "train", "evaluate"})
    void hasHelpForEveryCommand(String command) {
        CommandRun run = CommandRun.of(command, "--help");

        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("Usage: latent4j " + command).contains("Examples:");
        assertThat(run).isEqualTo(CommandRun.of("help", command));
    }

    @Test
    void tellsItsExitCodes() {
        assertThat(CommandRun.of("--help").out()).contains("Exit codes:", "0 ", "1 ", "2 ", "130 ");
    }

    @Test
    void tellsItsVersion() {
        assertThat(CommandRun.of("--version").out()).startsWith("latent4j ").contains("DJL 0.35.1");
    }

    @Test
    void refusesWhatIsNoCommand() {
        assertThat(CommandRun.of().code()).isEqualTo(2);
        CommandRun typo = CommandRun.of("generat", "x");
        assertThat(typo.code()).isEqualTo(2);
        assertThat(typo.err().lines()).hasSize(1);
        assertThat(typo.err()).contains("generat");
    }
}
