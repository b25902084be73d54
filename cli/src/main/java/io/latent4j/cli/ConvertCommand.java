package io.latent4j.cli;

import io.latent4j.core.weights.StoredType;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.FileOptions;
import io.latent4j.pipeline.files.ModelFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
final class ConvertCommand implements Callable<Integer> {
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
            description = "A model's folder in the layout of diffusers, or a single .safetensors or .ckpt file.")
    private Path in;

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

    @Option(names = "--tokenizer", paramLabel = "DIR", description = "Tokenizer of a single file.")
    private Optional<Path> tokenizer;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            description = "Folder whose settings and tokenizer a single file takes (default: what its tensors say).")
    private Optional<Path> config;

    @Option(
            names = "--prediction-type",
            paramLabel = "TYPE",
            description = "What the model in a single file predicts: epsilon or v_prediction.")
    private Optional<String> predictionType;

    @Override
    public Integer call() throws IOException {
        boolean isFile = out.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors");
        boolean original = layout.map(Layout.ORIGINAL::equals).orElse(isFile);
        ModelFiles files = Asked.of(spec, () -> {
            if (original != isFile) {
                throw new IllegalArgumentException(
                        out + ": the original layout is a file .safetensors, that of diffusers a folder");
            }
            if (Files.notExists(in)) {
                throw new IllegalArgumentException(in + ": there is no such folder or file");
            }
            return ModelFiles.of(in, new FileOptions(tokenizer, config, predictionType));
        });
        Conversion conversion = new Conversion(files, type.map(wanted -> wanted.stored));
        PrintWriter err = spec.commandLine().getErr();
        if (original) {
            conversion.toFile(out, (part, file) -> progress(err, part));
        } else {
            conversion.toFolder(out, (part, file) -> progress(err, part));
        }
        spec.commandLine().getOut().println(out);
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    private static void progress(PrintWriter err, String part) {
        err.println("converting " + part);
        err.flush();
    }
}
