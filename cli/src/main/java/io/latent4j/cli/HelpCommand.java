package io.latent4j.cli;

import io.latent4j.cli.output.Version;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code latent4j help lora merge}: what {@code --help} shows of a command, and of one below it. */
@Command(
        name = "help",
        helpCommand = true,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Shows how a command is used.")
final class HelpCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command, and one below it: lora merge.")
    private List<String> names = List.of();

    @Override
    public void run() {
        CommandLine line = spec.parent().commandLine();
        for (String name : names) {
            CommandLine below = line.getSubcommands().get(name);
            if (below == null) {
                throw new UnmatchedArgumentException(line, List.of(name));
            }
            line = below;
        }
        line.usage(spec.commandLine().getOut());
        spec.commandLine().getOut().flush();
    }
}
