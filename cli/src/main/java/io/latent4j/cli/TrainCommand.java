package io.latent4j.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.latent4j.pipeline.Devices;
import io.latent4j.training.AutoencoderTraining;
import io.latent4j.training.DdpmTraining;
import io.latent4j.training.TextToImageTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latent4j train}: makes models. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Trains a model as a run file says. A run that was stopped goes on where its newest checkpoint is.",
        synopsisSubcommandLabel = "KIND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j train autoencoder --config autoencoder.yaml",
            "  latent4j train text-to-image --config text-to-image.yaml"
        },
        subcommands = {TrainCommand.Autoencoder.class, TrainCommand.TextToImage.class, TrainCommand.Ddpm.class})
final class TrainCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "what to train is missing; expected autoencoder, text-to-image or ddpm");
    }

    /** What every kind of run takes. */
    static final class RunOptions {
        @Option(names = "--config", paramLabel = "FILE", required = true, description = "The run file, YAML.")
        private Path config;

        @Option(
                names = "--device",
                paramLabel = "NAME",
                defaultValue = "auto",
                description = "cpu, cuda, cuda:1, or auto: a GPU if there is one (default: ${DEFAULT-VALUE}).")
        private String device;

        NDManager manager() {
            Device chosen = Devices.named(device);
            return NDManager.newBaseManager(chosen);
        }
    }

    /** {@code latent4j train autoencoder}. */
    @Command(
            name = "autoencoder",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Trains an autoencoder: pictures to latents and back.")
    static final class Autoencoder implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @picocli.CommandLine.Mixin
        private RunOptions options;

        @Override
        public Integer call() throws IOException {
            try (NDManager manager = options.manager();
                    TrainingDisplay display =
                            new TrainingDisplay(Terminal.of(spec.commandLine().getErr()));
                    AutoencoderTraining training = AutoencoderTraining.open(options.config, manager, display)) {
                spec.commandLine().getOut().println(training.run());
            }
            return 0;
        }
    }

    /** {@code latent4j train text-to-image}. */
    @Command(
            name = "text-to-image",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Trains a text-conditioned UNet, and its text encoder, in an autoencoder's latents.")
    static final class TextToImage implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @picocli.CommandLine.Mixin
        private RunOptions options;

        @Override
        public Integer call() throws IOException {
            try (NDManager manager = options.manager();
                    TrainingDisplay display =
                            new TrainingDisplay(Terminal.of(spec.commandLine().getErr()));
                    TextToImageTraining training = TextToImageTraining.open(options.config, manager, display)) {
                spec.commandLine().getOut().println(training.run());
            }
            return 0;
        }
    }

    /** {@code latent4j train ddpm}. */
    @Command(
            name = "ddpm",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Trains a UNet that makes pictures from noise, pixel by pixel and without text.")
    static final class Ddpm implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @picocli.CommandLine.Mixin
        private RunOptions options;

        @Override
        public Integer call() throws IOException {
            try (NDManager manager = options.manager();
                    TrainingDisplay display =
                            new TrainingDisplay(Terminal.of(spec.commandLine().getErr()));
                    DdpmTraining training = DdpmTraining.open(options.config, manager, display)) {
                spec.commandLine().getOut().println(training.run());
            }
            return 0;
        }
    }
}
