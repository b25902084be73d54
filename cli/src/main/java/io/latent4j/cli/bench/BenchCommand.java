package io.latent4j.cli.bench;

import ai.djl.Device;
import com.google.gson.JsonObject;
import io.latent4j.cli.options.DeviceOptions;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Facts;
import io.latent4j.cli.output.Version;
import io.latent4j.core.nn.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latent4j bench}: how fast a full-size model would run here. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Times a model of a published size, with random weights made in memory, beside the best "
                + "product of matrices by MKL or oneDNN in the same process: the practical ceiling of the machine.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j bench",
            "  latent4j bench --config sdxl --dtype bfloat16 --width 768 --height 768 --json",
            "  latent4j bench --lora 8 --runs 3",
            "  latent4j bench --profile --runs 3"
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int MOST = 1000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "NAME",
            defaultValue = "sd15",
            completionCandidates = Names.class,
            description = "Which model's shape: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private String config;

    @Mixin
    private DeviceOptions device;

    @Option(names = "--width", paramLabel = "PIXELS", description = "Width (default: the model's own).")
    private Optional<Integer> width;

    @Option(names = "--height", paramLabel = "PIXELS", description = "Height (default: the model's own).")
    private Optional<Integer> height;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each part is timed; the median counts (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "25",
            description = "Steps an image for the images per second (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--decode-only",
            description = "Measure one decode in float32 and its memory, with nothing but the autoencoder loaded.")
    private boolean decodeOnly;

    @Option(
            names = "--vae-tile",
            paramLabel = "PIXELS",
            description = "Side of the tiles of --decode-only (default: the image as a whole).")
    private Optional<Integer> tile;

    @Option(
            names = "--loading",
            paramLabel = "DIR",
            description =
                    "Measure loading instead: the model is written to this folder in float32, which takes its size"
                            + " in disk, loaded, and deleted.")
    private Optional<Path> loading;

    @Option(
            names = "--lora",
            paramLabel = "RANK",
            description = "Time the training of an adapter of this rank of the UNet's attention instead, one image a"
                    + " step, beside forward passes.")
    private Optional<Integer> lora;

    @Option(
            names = "--profile",
            description =
                    "Also tell where the time of a step and of a decode goes, by kind of operator, from one more of"
                            + " each under libtorch's profiler.")
    private boolean profile;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    /** What {@code --config} takes, for the help. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Names() {
            super(FullSizeModel.NAMES);
        }
    }

    @Override
    public Integer call() throws IOException {
        check(
                FullSizeModel.NAMES.contains(config),
                "--config is \"" + config + "\"; expected one of " + String.join(", ", FullSizeModel.NAMES));
        check(runs > 0 && runs <= MOST, "--runs is " + runs + "; expected 1 to " + MOST);
        check(steps > 0 && steps <= MOST, "--steps is " + steps + "; expected 1 to " + MOST);
        check(fits(width) && fits(height), "--width and --height must be multiples of 8");
        check(decodeOnly || tile.isEmpty(), "--vae-tile is given without --decode-only; expected both");
        check(tile.isEmpty() || tile.get() >= 64, "--vae-tile is " + tile.orElse(0) + "; expected 64 or more");
        check(
                !profile || (!decodeOnly && loading.isEmpty() && lora.isEmpty()),
                "--profile is of steps and decodes; expected none of --decode-only, --loading and --lora");
        check(lora.isEmpty() || lora.get() > 0, "--lora must be a rank, 1 or more");
        Device on = device.device();
        if (decodeOnly) {
            OptionalInt side = tile.map(OptionalInt::of).orElseGet(OptionalInt::empty);
            log("decoding");
            print(new DecodeBench(config, on, width.orElse(1024), height.orElse(1024), side).run());
            return ExitCode.OK;
        }
        Precision precision = device.precision(on);
        if (loading.isPresent()) {
            log("writing, loading and deleting " + config);
            print(new LoadBench(config, loading.get(), on, precision).run());
            return ExitCode.OK;
        }
        log("making " + config + " with random weights");
        JsonObject facts = new JsonObject();
        facts.addProperty("model", config);
        try (FullSizeModel model = FullSizeModel.make(config, on, precision)) {
            int side = model.side();
            int wide = width.orElse(side);
            int high = height.orElse(side);
            Consumer<String> log = part -> log("timing the " + part);
            JsonObject found = lora.isPresent()
                    ? new LoraBench(model, wide, high, lora.get(), runs).run(log)
                    : new Bench(model, wide, high, runs, steps, profile).run(log);
            found.entrySet().forEach(e -> facts.add(e.getKey(), e.getValue()));
        }
        print(facts);
        return ExitCode.OK;
    }

    private void print(JsonObject facts) {
        if (json) {
            Facts.printJson(facts, spec.commandLine().getOut());
        } else {
            JsonObject section = new JsonObject();
            section.add("bench", facts);
            Facts.print(section, spec.commandLine().getOut());
        }
    }

    private static boolean fits(Optional<Integer> side) {
        return side.isEmpty() || (side.get() > 0 && side.get() % 8 == 0);
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private void log(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }
}
