package io.latent4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;

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
    void hasHelpForCommandsBelowOthers() {
        assertThat(CommandRun.of("help", "lora", "merge")).isEqualTo(CommandRun.of("lora", "merge", "--help"));
        assertThat(CommandRun.of("help", "lora", "merge").out()).startsWith("Usage: latent4j lora merge");
        assertThat(CommandRun.of("help")).isEqualTo(CommandRun.of("--help"));
        CommandRun typo = CommandRun.of("help", "lora", "merg");
        assertThat(typo.code()).isEqualTo(2);
        assertThat(typo.message()).contains("\"merg\" is no command; did you mean merge?");
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

    @Test
    void namesTheNearestCommandAndOption() {
        assertThat(CommandRun.of("generat", "x").message()).contains("did you mean generate?");
        assertThat(CommandRun.of("a red circle").message()).contains("latent4j generate \"a red circle\"");
        assertThat(CommandRun.of("generate", "x", "--guidance-scal", "3").message())
                .contains("did you mean --guidance-scale");
        assertThat(CommandRun.of("lora", "merg").message()).contains("did you mean merge?");
    }

    @Test
    void cutsWhatIsTooLongToShow() {
        assertThat(CommandRun.of("x".repeat(100_000)).err()).hasSizeLessThan(500);
        assertThat(CommandRun.of("generate", "--" + "x".repeat(100_000)).err()).hasSizeLessThan(500);
    }

    @Test
    void theLastOfAnOptionGivenTwiceCounts() {
        CommandRun run = CommandRun.of("inspect", "no such file", "--model", "a/b", "--model", "c/d");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.message()).contains("no such file");
    }

    @Test
    void tellsAFailureAsJsonWhereJsonIsAskedFor() {
        CommandRun failed = CommandRun.of("inspect", "no such file", "--json");
        CommandRun refused = CommandRun.of("inspect", "--jsom", "--json");

        assertThat(failed.out()).startsWith("{\"error\":\"no such file").contains("\"exitCode\":1");
        assertThat(refused.out())
                .startsWith("{\"error\":\"there is no option --jsom")
                .contains("\"exitCode\":2");
    }

    @Test
    void examplesFitATerminalOf80Columns() {
        assertThat(all(Latent4j.commandLine().getCommandSpec())
                        .flatMap(command -> Arrays.stream(command.usageMessage().footer()))
                        .filter(line -> line.length() > 80)
                        .toList())
                .isEmpty();
    }

    private static Stream<CommandSpec> all(CommandSpec command) {
        return Stream.concat(
                Stream.of(command),
                command.subcommands().values().stream().flatMap(each -> all(each.getCommandSpec())));
    }
}
