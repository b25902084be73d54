package io.latent4j.cli;

import io.latent4j.cli.bench.BenchCommand;
import io.latent4j.cli.convert.ConvertCommand;
import io.latent4j.cli.convert.LoraCommand;
import io.latent4j.cli.doctor.DoctorCommand;
import io.latent4j.cli.doctor.Offline;
import io.latent4j.cli.evaluate.EvaluateCommand;
import io.latent4j.cli.generate.CompareCommand;
import io.latent4j.cli.generate.GenerateCommand;
import io.latent4j.cli.generate.SchedulersCommand;
import io.latent4j.cli.inspect.InspectCommand;
import io.latent4j.cli.output.Version;
import io.latent4j.cli.serve.ServeCommand;
import io.latent4j.cli.train.DatasetCommand;
import io.latent4j.cli.train.TrainCommand;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program {@code latent4j}: its commands, and how it starts and ends. */
@Command(
        name = "latent4j",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Makes images from text with latent diffusion models.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            GenerateCommand.class,
            CompareCommand.class,
            SchedulersCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            DatasetCommand.class,
            EvaluateCommand.class,
            DoctorCommand.class,
            BenchCommand.class,
            TrainCommand.class,
            LoraCommand.class,
            ServeCommand.class,
            HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it worked",
            "1:it failed: a file, the model, the engine or the device",
            "2:usage error: invalid options or request",
            "130:it was interrupted"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j generate \"a red circle above a blue square on a white background\"",
            "  latent4j generate \"a lighthouse\" --model ~/models/sd15 -s 30 --seed 7",
            "  latent4j inspect ~/models/sd15",
            "  latent4j doctor --device cuda",
            "",
            "Results go to standard output, progress and messages to standard error.",
            "`latent4j help COMMAND` says more about a command."
        })
public final class Latent4j implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show the engine's log, and where in the program an error arose.")
    private boolean verbose;

    private Latent4j() {}

    /** Runs the command {@code args} name and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        Offline.unlessEngineIsToBeFetched();
        KilledUnpacking.delete();
        System.exit(Interrupts.obey(
                () -> execute(EngineStart.beside(Latent4j::sample, Latent4j::commandLine, args), args)));
    }

    /** What picocli reads of commands by native methods of Java, for each of them to have been called. */
    private static List<Object> sample() {
        try {
            return Arrays.asList(
                    Latent4j.class.getAnnotations(),
                    Latent4j.class.getDeclaredField("spec").getGenericType(),
                    Latent4j.class.getDeclaredConstructor().newInstance(),
                    Latent4j.class.getDeclaredMethod("run").getParameters(),
                    Array.get(new Object[1], Array.getLength(new Object[0])),
                    System.console());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Java has another form than it was compiled for", e);
        }
    }

    static CommandLine commandLine() {
        Failures failures = new Failures();
        return new CommandLine(new Latent4j())
                .setExpandAtFiles(false) // a prompt may begin with @
                .setOverwrittenOptionsAllowed(true) // the last one counts, so that an alias can set defaults
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(28)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setExecutionStrategy(Latent4j::run);
    }

    static int execute(CommandLine line, String... args) {
        try {
            return line.execute(args);
        } catch (LinkageError | OutOfMemoryError e) { // the engine's native part, or the heap
            return Failures.report(line, e);
        }
    }

    private static int run(CommandLine.ParseResult parsed) {
        CommandLine line = parsed.commandSpec().commandLine();
        Logging.start(verbose(line));
        return new CommandLine.RunLast().execute(parsed);
    }

    /** Whether the whole of an error is to be shown. */
    static boolean verbose(CommandLine line) {
        return line.getCommandSpec().root().userObject() instanceof Latent4j top && top.verbose;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "no command is given");
    }
}
