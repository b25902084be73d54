package io.latent4j.cli.train;

import io.latent4j.cli.output.CountDisplay;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Terminal;
import io.latent4j.cli.output.Version;
import io.latent4j.training.data.ImageFolderWriter;
import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latent4j dataset}: data sets to train on. */
@Command(
        name = "dataset",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes data sets to train on.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j dataset scenes --count 50000 --output scenes/",
            "",
            "`latent4j dataset COMMAND --help` says more about a command."
        })
public final class DatasetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command is given; there is: scenes");
    }

    /** {@code latent4j dataset scenes}: draws scenes of coloured shapes. */
    @Command(
            name = "scenes",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            sortOptions = false,
            description = {
                "Draws scenes of coloured shapes into a new folder: PNG files, and metadata.jsonl with the caption of each.",
                "Captions are \"a [big|small] COLOUR SHAPE on a BACKGROUND background\" and \"a COLOUR SHAPE"
                        + " (above|below|left of|right of) a COLOUR SHAPE on a BACKGROUND background\", drawn evenly."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  latent4j dataset scenes --count 50000 --output scenes/",
                "  latent4j dataset scenes --count 1000 --size 128 --share-two 0 --output large/",
                "",
                "One caption in ten is held out, always the same ones: `latent4j evaluate",
                "prompts` measures with them.",
                "The same options give the same images. The folder appears when it is complete."
            })
    @SuppressWarnings("unused") // called by the command line's parser
    int scenes(
            @Option(
                            names = {"-c", "--count"},
                            paramLabel = "N",
                            required = true,
                            description = "How many images.")
                    int count,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "DIR",
                            required = true,
                            description = "Folder to make; if it is there, it must be empty.")
                    Path output,
            @Option(
                            names = "--size",
                            paramLabel = "PIXELS",
                            defaultValue = "64",
                            description = "Width and height of an image (default: ${DEFAULT-VALUE}).")
                    int size,
            @Option(
                            names = "--seed",
                            paramLabel = "N",
                            defaultValue = "0",
                            description = "Another seed draws other images (default: ${DEFAULT-VALUE}).")
                    long seed,
            @Option(
                            names = "--share-two",
                            paramLabel = "X",
                            defaultValue = "0.7",
                            description =
                                    "Which part of the images shows two shapes, 0 to 1 (default: ${DEFAULT-VALUE}).")
                    double shareOfTwo,
            @Option(
                            names = "--include-held-out",
                            description = "Draw held-out captions as well. A model that is trained on them cannot be"
                                    + " measured by them.")
                    boolean includeHeldOut,
            @Option(
                            names = {"-q", "--quiet"},
                            description = "Show no progress.")
                    boolean quiet)
            throws IOException {
        SceneSet set;
        try {
            set = new SceneSet(count, size, seed, shareOfTwo, includeHeldOut ? Scenes.Part.ALL : Scenes.Part.TRAINING);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.subcommands().get("scenes"), e.getMessage(), e);
        }
        ImageFolderWriter.checkFree(output);
        Terminal terminal =
                quiet ? Terminal.unseen() : Terminal.of(spec.commandLine().getErr());
        try (CountDisplay display = new CountDisplay(terminal, "drawing", "images", count)) {
            ImageFolderWriter.write(set, output, display::done);
        }
        spec.commandLine().getOut().println(output);
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }
}
