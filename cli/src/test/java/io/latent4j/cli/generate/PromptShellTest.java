package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.output.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class PromptShellTest {
    private final StringWriter err = new StringWriter();
    private final Toy toy = new Toy();

    /** Writes down how it is run. */
    @Command(name = "toy")
    private static final class Toy implements Callable<Integer> {
        private final List<String> runs = new ArrayList<>();

        @Option(names = "--prompt")
        private String prompt;

        @Option(names = "--steps")
        private Optional<Integer> steps;

        @Option(names = "--model")
        private String model;

        @Option(names = "--low-memory")
        private boolean lowMemory;

        @Override
        public Integer call() {
            runs.add(prompt + "|" + steps.map(String::valueOf).orElse("") + "|" + model + (lowMemory ? "|low" : ""));
            return prompt.equals("interrupted") ? ExitCode.INTERRUPTED : ExitCode.FAILED;
        }
    }

    private int run(String... lines) throws IOException {
        CommandLine line = new CommandLine(toy).setErr(new PrintWriter(err)).setOverwrittenOptionsAllowed(true);
        return new PromptShell(line, line, List.of("--model=m", "--steps", "9"))
                .run(new InputLines(new StringReader(String.join("\n", lines))), "> ");
    }

    @Test
    void runsEachLineWithTheOptionsItWasBegunWith() throws IOException {
        assertThat(run("a star", "", "  --steps <b>  ")).isEqualTo(ExitCode.OK);

        assertThat(toy.runs).containsExactly("a star|9|m", "--steps <b>|9|m");
        assertThat(err.toString()).isEqualTo("> > > > ");
    }

    @Test
    void changesOptionsForWhatFollows() throws IOException {
        run(":steps 20", "a", ":model  n o", ":low-memory", "b", ":steps 3", ":steps", ":model", "c", ":reset", "d");

        assertThat(toy.runs).containsExactly("a|20|m", "b|20|n o|low", "c|9|m|low", "d|9|m");
    }

    @Test
    void saysWhatCannotBeSetAndGoesOn() throws IOException {
        run(":settings", ":steps 20", ":steps many", ":prompt x", ":interactive", ":stps 3", ":settings", ":help", "a");

        assertThat(toy.runs).containsExactly("a|20|m");
        assertThat(err.toString())
                .contains(
                        "nothing is set",
                        "Invalid value for option '--steps'",
                        "there is no setting prompt",
                        "there is no setting interactive",
                        "there is no setting stps; :help says what there is",
                        "> steps 20",
                        ":OPTION VALUE");
    }

    @Test
    void endsWhenItIsToldTo() throws IOException {
        assertThat(run("a", ":quit", "b")).isEqualTo(ExitCode.OK);
        assertThat(run("interrupted", "c")).isEqualTo(ExitCode.INTERRUPTED);

        assertThat(toy.runs).containsExactly("a|9|m", "interrupted|9|m");
        Thread.currentThread().interrupt();
        assertThat(run("d")).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(toy.runs).hasSize(2);
    }
}
