package io.latent4j.cli.convert;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import com.google.gson.JsonObject;
import io.latent4j.cli.options.LoadedLoras;
import io.latent4j.cli.options.LoraOptions;
import io.latent4j.cli.options.SourceOptions;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Facts;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.cli.output.Version;
import io.latent4j.core.config.Counted;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.EditedLora;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraNaming;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.model.Families;
import io.latent4j.pipeline.model.FusedModel;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.Placement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latent4j lora}: makes adapter files of others, or of models. */
@Command(
        name = "lora",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Merges, resizes, extracts and converts adapters. All need the model they are for.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j lora merge a.safetensors:0.8 b.safetensors -m sd15 -o ab.safetensors",
            "  latent4j lora merge ink.safetensors -m sd15 --into sd15-ink",
            "  latent4j lora resize big.safetensors --rank 8 -m sd15 -o small.safetensors",
            "  latent4j lora extract sd15-tuned --rank 32 -m sd15 -o tuned.safetensors",
            "  latent4j lora convert ink.safetensors --naming peft -m sd15 -o p.safetensors"
        })
public final class LoraCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "no command is given; there are: merge, resize, extract, convert");
    }

    /** Options that all have. */
    static final class Common {
        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec;

        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                description = "The model: a folder in the layout of diffusers, a single file, or one on the hub, as for"
                        + " generate (default: the model that ships with latent4j).")
        private Optional<String> model;

        @Mixin
        private SourceOptions source;

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "The adapter's file, .safetensors.")
        private Optional<Path> output;

        @Option(
                names = "--naming",
                paramLabel = "NAME",
                description = "Whose names it has: kohya, peft or diffusers (default: kohya).")
        private Optional<String> naming;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description =
                        "What its numbers are stored as: f16, bf16 or f32 (default: f16; with --into as each of the"
                                + " model's tensors is).")
        private Optional<String> type;

        /** Empty where it is not given. */
        Optional<StoredType> type() {
            return type.map(name -> switch (name.toLowerCase(Locale.ROOT)) {
                case "f16" -> StoredType.F16;
                case "bf16" -> StoredType.BF16;
                case "f32" -> StoredType.F32;
                default -> throw new IllegalArgumentException("type is \"" + name + "\"; expected f16, bf16 or f32");
            });
        }

        /** The type of an adapter's file. */
        StoredType ownType() {
            return type().orElse(StoredType.F16);
        }

        /** Prints what has no effect. */
        void warn(List<String> warnings) {
            PrintWriter err = spec.commandLine().getErr();
            warnings.forEach(warning -> err.println("warning: " + warning));
            err.flush();
        }

        LoraNaming naming() {
            String name = naming.orElse("kohya");
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "kohya" -> LoraNaming.KOHYA;
                case "peft" -> LoraNaming.PEFT;
                case "diffusers" -> LoraNaming.DIFFUSERS;
                default ->
                    throw new IllegalArgumentException("naming is \"" + name + "\"; expected kohya, peft or diffusers");
            };
        }

        Path output() {
            return output.orElseThrow(
                    () -> new IllegalArgumentException("there is no output; expected --output FILE.safetensors"));
        }

        /** @throws IllegalArgumentException for what is told of a single file, where neither the model nor another is one */
        void checkSource(Optional<String> other) {
            List<Optional<String>> models = Stream.concat(
                            Stream.of(model), other.stream().map(Optional::of))
                    .toList();
            source.check(spec, models, Optional.empty());
        }

        Model load() throws IOException {
            return model.isPresent() ? load(model.get()) : Components.embedded(Device.cpu(), DataType.FLOAT32);
        }

        Model load(String name) throws IOException {
            return Families.installed().open(name, files(name), new Placement(Device.cpu(), DataType.FLOAT32));
        }

        ModelFiles files(String name) throws IOException {
            return source.find(spec, locator -> locator.withTokenizer(name, source.file()));
        }

        /** Makes an adapter with the model and writes it. */
        int write(Map<String, String> metadata, Making making) throws IOException {
            return write(Optional.empty(), metadata, making);
        }

        /** @param other a model that {@code making} loads beside it */
        int write(Optional<String> other, Map<String, String> metadata, Making making) throws IOException {
            LoraNaming names = UsageErrors.of(spec, this::naming);
            StoredType numbers = UsageErrors.of(spec, this::ownType);
            Path file = UsageErrors.of(spec, this::output);
            UsageErrors.of(spec, () -> {
                checkSource(other);
                return file;
            });
            try (Model parts = load();
                    EditedLora made = UsageErrors.of(spec, () -> making.make(parts))) {
                UsageErrors.of(spec, () -> {
                    made.write(file, names, metadata, numbers);
                    return file;
                });
                warn(made.warnings());
                spec.commandLine()
                        .getErr()
                        .printf(
                                Locale.ROOT,
                                "%s, %.2f%% of the change kept%n",
                                Counted.of(made.size(), "layer"),
                                100 * made.kept());
                spec.commandLine().getErr().flush();
                JsonObject facts = new JsonObject();
                facts.addProperty("layers", made.size());
                facts.addProperty("kept", made.kept());
                print(file, facts);
            }
            return ExitCode.OK;
        }

        /** Tells what was written, and for programs the rest too. */
        void print(Path output, JsonObject rest) {
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                JsonObject facts = new JsonObject();
                facts.addProperty("output", output.toString());
                rest.entrySet().forEach(fact -> facts.add(fact.getKey(), fact.getValue()));
                Facts.printJson(facts, out);
            } else {
                out.println(output);
                out.flush();
            }
        }
    }

    /** What makes an adapter. */
    @FunctionalInterface
    interface Making {
        EditedLora make(Model parts) throws IOException;
    }

    /** What the header of {@code lora} says, but for its rank. */
    private static Map<String, String> metadata(Lora lora) {
        Map<String, String> metadata = new TreeMap<>(lora.report().metadata());
        List.of("ss_network_dim", "ss_network_alpha", "lora_adapter_metadata").forEach(metadata::remove);
        return metadata;
    }

    @Command(
            name = "merge",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Makes one adapter of several, whose ranks add up, or puts them into a copy of the model.")
    int merge(
            @Mixin Common common,
            @Parameters(
                            arity = "1..*",
                            paramLabel = "FILE[:X]",
                            description = "Adapters, each at strength X (default: 1).")
                    List<String> files,
            @Option(names = "--rank", paramLabel = "N", description = "Bring each layer to this rank.")
                    Optional<Integer> rank,
            @Option(
                            names = "--into",
                            paramLabel = "OUT",
                            description = "Write the model with them to this new folder, or single .safetensors file.")
                    Optional<Path> into)
            throws IOException {
        List<LoraOptions.Wanted> wanted = new ArrayList<>();
        for (String file : files) {
            wanted.add(UsageErrors.of(spec, () -> LoraOptions.file(file)));
        }
        if (into.isPresent()) {
            UsageErrors.of(spec, () -> refuseBesideInto(common, rank));
            return fuse(common, wanted, into.get());
        }
        OptionalInt size = rank.map(OptionalInt::of).orElseGet(OptionalInt::empty);
        return common.write(Map.of(), parts -> {
            try (LoadedLoras loaded = LoadedLoras.load(wanted, parts)) {
                return EditedLora.merged(loaded.open(), size, parts.manager());
            }
        });
    }

    /** What goes into a model has no rank, names and file of its own. */
    private static Common refuseBesideInto(Common common, Optional<Integer> rank) {
        Map<String, Optional<?>> own = new LinkedHashMap<>();
        own.put("--rank", rank);
        own.put("--output", common.output);
        own.put("--naming", common.naming);
        String given = own.entrySet().stream()
                .filter(option -> option.getValue().isPresent())
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        if (!given.isEmpty()) {
            throw new IllegalArgumentException(
                    given + ": for the file of an adapter, and --into writes a model; expected one or the other");
        }
        return common;
    }

    private int fuse(Common common, List<LoraOptions.Wanted> wanted, Path into) throws IOException {
        Optional<StoredType> type = UsageErrors.of(spec, () -> {
            common.checkSource(Optional.empty());
            return common.type();
        });
        try (Model parts = common.load();
                LoadedLoras loaded = UsageErrors.of(spec, () -> LoadedLoras.load(wanted, parts))) {
            common.warn(loaded.warnings());
            loaded.open().forEach(use -> common.warn(words(use.lora())));
            if (common.model.isPresent()) {
                FusedModel.write(common.files(common.model.get()), parts, loaded.open(), into, type);
            } else {
                try (EmbeddedModel model = EmbeddedModel.unpack()) {
                    FusedModel.write(ModelFiles.of(model.folder()), parts, loaded.open(), into, type);
                }
            }
        }
        common.print(into, new JsonObject());
        return ExitCode.OK;
    }

    /** A model's files have no place for learned words. */
    private static List<String> words(Lora lora) {
        List<String> words = lora.report().words();
        return words.isEmpty()
                ? List.of()
                : List.of("the adapter " + lora.name() + " brings learned words, " + String.join(", ", words)
                        + ", which are not part of the model that is written; keep the adapter's file for them");
    }

    @Command(
            name = "resize",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Makes the nearest adapter of another rank (singular value decomposition).")
    int resize(
            @Mixin Common common,
            @Parameters(paramLabel = "FILE", description = "The adapter.") Path file,
            @Option(names = "--rank", required = true, paramLabel = "N", description = "The new rank.") int rank)
            throws IOException {
        return common.write(Map.of(), parts -> {
            try (Lora lora = parts.lora(file)) {
                return EditedLora.resized(lora, positive(rank), parts.manager());
            }
        });
    }

    private static int positive(int rank) {
        if (rank < 1) {
            throw new IllegalArgumentException("rank is " + rank + "; expected 1 or more");
        }
        return rank;
    }

    @Command(
            name = "extract",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Makes an adapter of what a model has learned since it was another.")
    int extract(
            @Mixin Common common,
            @Parameters(paramLabel = "MODEL", description = "The model that has learned; as for --model.") String tuned,
            @Option(names = "--rank", required = true, paramLabel = "N", description = "The rank.") int rank)
            throws IOException {
        return common.write(Optional.of(tuned), Map.of("ss_network_module", "networks.lora"), parts -> {
            try (Model after = common.load(tuned)) {
                return EditedLora.extracted(parts.adaptable(), after.adaptable(), positive(rank), parts.manager());
            }
        });
    }

    @Command(
            name = "convert",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Writes an adapter with other names, its factors as they are.")
    int convert(@Mixin Common common, @Parameters(paramLabel = "FILE", description = "The adapter.") Path file)
            throws IOException {
        UsageErrors.of(spec, () -> {
            common.checkSource(Optional.empty());
            return common;
        });
        try (Model parts = common.load();
                Lora lora = UsageErrors.of(spec, () -> parts.lora(file));
                EditedLora made = EditedLora.of(lora, parts.manager())) {
            Path output = UsageErrors.of(spec, common::output);
            UsageErrors.of(spec, () -> {
                made.write(output, common.naming(), metadata(lora), common.ownType());
                return output;
            });
            common.warn(made.warnings());
            JsonObject facts = new JsonObject();
            facts.addProperty("layers", made.size());
            common.print(output, facts);
        }
        return ExitCode.OK;
    }
}
