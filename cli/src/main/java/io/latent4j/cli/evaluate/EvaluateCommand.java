package io.latent4j.cli.evaluate;

import io.latent4j.cli.output.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latent4j evaluate}: how good a model is. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Measures how good a model is.",
        subcommands = {EvaluatePromptsCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j evaluate prompts --count 100",
            "",
            "`latent4j evaluate COMMAND --help` says more about a command."
        })
public final class EvaluateCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command is given; there is: prompts");
    }
}
