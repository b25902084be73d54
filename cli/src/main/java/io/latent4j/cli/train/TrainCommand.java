package io.latent4j.cli.train;

import ai.djl.ndarray.NDManager;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Terminal;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.cli.output.Version;
import io.latent4j.pipeline.model.Devices;
import io.latent4j.training.Training;
import io.latent4j.training.TrainingKind;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.run.OtherCheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latent4j train}: makes models. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Trains a model as a run file says, and prints the folder it is written to.",
            "A run that was stopped goes on from its newest checkpoint when it is begun again. Ctrl-C ends the step, saves"
                    + " a checkpoint and stops."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j train autoencoder --example > autoencoder.yaml",
            "  latent4j train autoencoder --config autoencoder.yaml",
            "  latent4j train text-to-image --config model.yaml --set training.rate=5e-5",
            "  latent4j train text-to-image --config model.yaml --fresh"
        })
public final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "KIND",
            arity = "0..1",
            completionCandidates = Kinds.class,
            description = "What to train: ${COMPLETION-CANDIDATES}.")
    private Optional<String> kind;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The run file, YAML. Paths in it are relative to its folder.")
    private Optional<Path> config;

    @Option(names = "--example", description = "Print a run file of this kind that explains every key, and do nothing.")
    private boolean example;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Another value for a key of the run file, training.rate=1e-4 for instance; may be repeated.")
    private List<String> changes = List.of();

    @Option(
            names = "--fresh",
            description =
                    "Begin anew: a run that is in the output folder is renamed to FOLDER-1, and not gone on with.")
    private boolean fresh;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "cpu, cuda, cuda:1, or auto: a GPU if there is one (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show nothing but the folder written, warnings and errors.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        TrainingKind chosen = UsageErrors.of(
                spec,
                () -> TrainingKind.named(kind.orElseThrow(() -> new IllegalArgumentException(
                        "what to train is missing; expected one of " + Arrays.toString(TrainingKind.values())))));
        if (example) {
            spec.commandLine().getOut().print(chosen.example());
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        }
        Path file = config.orElseThrow(() -> new ParameterException(
                spec.commandLine(),
                "there is no run file; expected --config FILE; `latent4j train " + chosen + " --example` prints one"));
        Terminal terminal =
                quiet ? Terminal.unseen() : Terminal.of(spec.commandLine().getErr());
        try (TrainingDisplay display = new TrainingDisplay(terminal)) {
            return GentleStop.run(display::stop, () -> train(chosen, file, display));
        }
    }

    /** Begins and ends on one thread, as the engine keeps track of scopes by thread. */
    private int train(TrainingKind chosen, Path file, TrainingDisplay display) throws IOException {
        StartOptions options = new StartOptions(fresh, changes);
        try (NDManager manager =
                        NDManager.newBaseManager(UsageErrors.of(spec, () -> Devices.named(device)), "PyTorch");
                Training training = UsageErrors.of(spec, () -> chosen.open(file, options, manager, display))) {
            Optional<Path> written = training.run();
            if (written.isEmpty()) {
                display.stopped();
                return ExitCode.INTERRUPTED;
            }
            display.ended();
            spec.commandLine().getOut().println(written.get());
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        } catch (OtherCheckpointException e) {
            throw new IOException(e.getMessage() + ", or with --fresh", e);
        }
    }

    /** The names that {@code KIND} takes. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(TrainingKind.values())
                    .map(TrainingKind::toString)
                    .iterator();
        }
    }
}
