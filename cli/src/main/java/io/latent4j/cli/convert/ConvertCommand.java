package io.latent4j.cli.convert;

import com.google.gson.JsonObject;
import io.latent4j.cli.options.SourceOptions;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Facts;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.files.ModelLocator;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a model in another layout or data type. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = "Writes a model in another layout or data type: a folder of diffusers, or a single file.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j convert v1-5-pruned.ckpt sd15 --tokenizer clip --dtype float16",
            "  latent4j convert sd15 sd15.safetensors",
            ""
        })
public final class ConvertCommand implements Callable<Integer> {
    private static final Pattern OTHER_FILE = Pattern.compile("(?i).*\\.(ckpt|pt|pth|bin|onnx|gguf|safetensor|sft)");

    enum Layout {
        DIFFUSERS,
        ORIGINAL
    }

    enum Type {
        FLOAT16(StoredType.F16),
        BFLOAT16(StoredType.BF16),
        FLOAT32(StoredType.F32);

        private final StoredType stored;

        Type(StoredType stored) {
            this.stored = stored;
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "IN",
            description =
                    "A model's folder in the layout of diffusers, a single .safetensors or .ckpt file, or a model on"
                            + " the hub, as for generate.")
    private String in;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "A new folder, or a file with the ending .safetensors, which is replaced.")
    private Path out;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Data type of weights: float16, bfloat16 or float32 (default: as they are).")
    private Optional<Type> type;

    @Option(
            names = "--layout",
            paramLabel = "LAYOUT",
            description = "diffusers or original (default: original if OUT ends with .safetensors).")
    private Optional<Layout> layout;

    @Mixin
    private SourceOptions source;

    @Option(
            names = "--vae",
            paramLabel = "VAE",
            description = "Another autoencoder than the model's own, for the same latents, as for generate.")
    private Optional<String> autoencoder;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        boolean isFile = out.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors");
        boolean original = layout.map(Layout.ORIGINAL::equals).orElse(isFile);
        ModelFiles files = UsageErrors.of(spec, () -> {
            if (!isFile && OTHER_FILE.matcher(out.toString()).matches()) {
                throw new IllegalArgumentException(
                        out + ": single files are written as .safetensors; expected that ending, or a folder's name");
            }
            if (original != isFile) {
                throw new IllegalArgumentException(
                        out + ": the original layout is a file .safetensors, that of diffusers a folder");
            }
            source.check(spec, List.of(Optional.of(in)), Optional.empty());
            if (autoencoder.isPresent()) {
                ModelLocator.check(autoencoder.get());
            }
            ModelFiles model = source.find(
                    spec,
                    locator -> original ? locator.model(in, source.file()) : locator.withTokenizer(in, source.file()));
            return autoencoder.isPresent()
                    ? model.withAutoencoder(source.find(spec, locator -> locator.autoencoder(autoencoder.get())))
                    : model;
        });
        Conversion conversion = new Conversion(files, type.map(wanted -> wanted.stored));
        PrintWriter err = spec.commandLine().getErr();
        if (original) {
            conversion.toFile(out, (part, file) -> progress(err, part));
        } else {
            conversion.toFolder(out, (part, file) -> progress(err, part));
        }
        print(original);
        return ExitCode.OK;
    }

    private void print(boolean original) throws IOException {
        PrintWriter output = spec.commandLine().getOut();
        if (json) {
            JsonObject facts = new JsonObject();
            facts.addProperty("output", out.toString());
            facts.addProperty(
                    "layout",
                    (original ? Layout.ORIGINAL : Layout.DIFFUSERS).name().toLowerCase(Locale.ROOT));
            facts.addProperty("bytes", size());
            Facts.printJson(facts, output);
        } else {
            output.println(out);
            output.flush();
        }
    }

    /** Bytes of all that was written. */
    private long size() throws IOException {
        try (Stream<Path> files = Files.walk(out)) {
            return files.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum();
        }
    }

    private static void progress(PrintWriter err, String part) {
        err.println("converting " + part);
        err.flush();
    }
}
