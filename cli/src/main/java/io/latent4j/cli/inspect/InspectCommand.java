package io.latent4j.cli.inspect;

import com.google.gson.JsonObject;
import io.latent4j.cli.options.SourceOptions;
import io.latent4j.cli.output.Amounts;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Facts;
import io.latent4j.cli.output.Messages;
import io.latent4j.cli.output.Table;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.cli.output.Version;
import io.latent4j.core.config.Counted;
import io.latent4j.core.image.PngFile;
import io.latent4j.core.weights.TensorInfo;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latent4j inspect}: what is in a model, a file of weights or an image. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Tells what is in a model, a file of weights or an image, without loading it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j inspect",
            "  latent4j inspect ~/models/sd15",
            "  latent4j inspect ~/models/sd15/unet/diffusion_pytorch_model.safetensors",
            "  latent4j inspect adapter.safetensors --model ~/models/sd15",
            "  latent4j inspect image.png",
            "  latent4j inspect ~/models/sd15 --json"
        })
public final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "DIR|FILE",
            description =
                    "A model's folder in the layout of diffusers or that of one part, a file of weights (.safetensors,"
                            + " .ckpt, .bin) or the .index.json of several, or a .png file (default: the model that ships"
                            + " with latent4j).")
    private Optional<Path> target;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "For an adapter: also tell how many of its layers this model has; as for generate.")
    private Optional<String> model;

    @Mixin
    private SourceOptions source;

    @Option(names = "--tensors", description = "Of a model in a single file: list every tensor, too.")
    private boolean tensors;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        UsageErrors.of(spec, () -> {
            Stream<String> file = target.filter(Files::isRegularFile).map(Path::toString).stream();
            List<Optional<String>> models =
                    Stream.concat(model.stream(), file).map(Optional::of).toList();
            source.check(spec, models, Optional.empty());
            return model;
        });
        if (target.isEmpty()) {
            try (EmbeddedModel model = EmbeddedModel.unpack()) {
                print(ModelFacts.of(model.name(), model.folder()));
            }
            return ExitCode.OK;
        }
        Path path = target.get();
        String name = path.toString().toLowerCase(Locale.ROOT);
        if (Files.isDirectory(path)) {
            printFolder(path.toAbsolutePath().normalize().getFileName().toString(), path);
        } else if (Files.notExists(path)) {
            throw new IOException(path + ": there is no such file or folder");
        } else if (name.matches(".*\\.(safetensors|json|bin|ckpt|pt|pth)")) {
            WeightFacts weights = WeightFacts.of(path);
            Optional<ModelFacts> whole = wholeModel(path, weights);
            if (whole.isPresent()) {
                print(whole.get(), weights);
            } else {
                print(weights, AdapterFacts.of(path, weights, parts()));
            }
        } else if (name.endsWith(".png")) {
            print(path, PngFile.readText(path));
        } else {
            throw new IOException(path
                    + ": is of an unknown kind; expected a folder, .safetensors, .ckpt, .bin, .pt, .index.json"
                    + " or .png");
        }
        return ExitCode.OK;
    }

    /** A model in a single file whose settings follow from its tensors or a folder of settings. */
    private Optional<ModelFacts> wholeModel(Path file, WeightFacts weights) throws IOException {
        try {
            return ModelFacts.ofFile(file, weights.tensors(), source.file());
        } catch (IllegalArgumentException e) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("warning: the parts of this model are not listed: " + Messages.of(e)
                    + "; --config DIR names a folder with its settings");
            err.flush();
            return Optional.empty();
        }
    }

    private void printFolder(String name, Path folder) throws IOException {
        if (Files.exists(folder.resolve(ModelFacts.INDEX))) {
            print(ModelFacts.of(name, folder));
        } else if (ModelFacts.isPart(folder)) {
            print(ModelFacts.ofPart(name, folder));
        } else {
            throw new IOException(folder + ": has no " + ModelFacts.INDEX
                    + " and no config.json; expected a model in the layout of diffusers, a part of one, or the name of"
                    + " a file");
        }
    }

    /** Of the model that an adapter is compared with. */
    private Optional<AdaptableModel> parts() throws IOException {
        return model.isPresent()
                ? Optional.of(UsageErrors.of(
                        spec,
                        () -> Components.adaptable(
                                source.find(spec, locator -> locator.model(model.get(), source.file())))))
                : Optional.empty();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void print(ModelFacts model) {
        if (json) {
            Facts.printJson(model.json(), out());
            return;
        }
        PrintWriter out = out();
        out.println(model.name() + ": " + model.pipeline()
                + model.side()
                        .map(side -> ", images of " + side + "x" + side + " pixels")
                        .orElse("") + ", " + Amounts.count(model.parameters()) + " parameters in "
                + Amounts.bytes(model.bytes()));
        out.println();
        Table table = new Table().row("part", "class", "parameters", "types", "size", "settings");
        for (ModelFacts.Part part : model.parts()) {
            table.row(
                    part.name(),
                    part.className(),
                    part.weights().map(w -> Amounts.count(w.parameters())).orElse("-"),
                    part.weights()
                            .map(w -> String.join(" ", w.types().keySet()))
                            .orElse("-"),
                    part.weights().map(w -> Amounts.bytes(w.bytes())).orElse("-"),
                    settings(part.settings()));
        }
        table.lines().forEach(out::println);
        out.flush();
    }

    /** A model in a single file: its parts, and its tensors where they are asked for. */
    private void print(ModelFacts model, WeightFacts weights) {
        if (json) {
            JsonObject facts = weights.json();
            facts.add("model", model.json());
            Facts.printJson(facts, out());
            return;
        }
        print(model);
        out().println();
        if (tensors) {
            printTensors(weights);
        }
        printTotals(weights, tensors ? "" : " (--tensors lists them)");
        out().flush();
    }

    private void print(ModelFacts.Part part) {
        if (json) {
            JsonObject facts = part.json();
            facts.addProperty("name", part.name());
            Facts.printJson(facts, out());
            return;
        }
        PrintWriter out = out();
        out.println(part.name() + ": " + part.className()
                + part.weights()
                        .map(weights -> ", " + Amounts.count(weights.parameters()) + " parameters in "
                                + Amounts.bytes(weights.bytes()) + ", "
                                + String.join(" ", weights.types().keySet()))
                        .orElse(""));
        part.settings()
                .entrySet()
                .forEach(setting -> out.println(Messages.shown(
                        setting.getKey() + ": " + setting.getValue().toString().replace("\"", ""))));
        out.flush();
    }

    private static String settings(JsonObject settings) {
        return settings.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue().toString().replace("\"", ""))
                .collect(Collectors.joining(", "));
    }

    private void print(WeightFacts weights, Optional<AdapterFacts> adapter) {
        if (json) {
            JsonObject facts = weights.json();
            adapter.ifPresent(found -> facts.add("adapter", found.json()));
            Facts.printJson(facts, out());
            return;
        }
        PrintWriter out = out();
        adapter.ifPresent(found -> {
            found.lines().forEach(line -> out.println(Messages.shown(line)));
            out.println();
        });
        printTensors(weights);
        printTotals(weights, "");
        out.flush();
    }

    private void printTensors(WeightFacts weights) {
        Table table = new Table();
        weights.tensors().forEach((name, info) -> table.row(name, info.type().name(), shape(info)));
        table.lines().forEach(line -> out().println(Messages.shown(line)));
        out().println();
    }

    private void printTotals(WeightFacts weights, String hint) {
        out().println(Counted.of(weights.tensors().size(), "tensor") + hint + ", "
                + Amounts.count(weights.parameters()) + " parameters in "
                + Amounts.bytes(weights.bytes()) + ": "
                + weights.types().entrySet().stream()
                        .map(type -> Amounts.count(type.getValue()) + " " + type.getKey())
                        .collect(Collectors.joining(", ")));
        weights.metadata().forEach((key, value) -> out().println(Messages.shown(key + ": " + Messages.bounded(value))));
    }

    private static String shape(TensorInfo info) {
        return Arrays.stream(info.shape().getShape())
                .mapToObj(Long::toString)
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private void print(Path file, Map<String, String> texts) {
        if (json) {
            JsonObject facts = new JsonObject();
            texts.forEach(facts::addProperty);
            Facts.printJson(facts, out());
            return;
        }
        if (texts.isEmpty()) {
            out().println(file + ": has no texts");
        } else if (texts.size() == 1 && texts.containsKey("parameters")) {
            out().println(Messages.shown(texts.get("parameters")));
        } else {
            texts.forEach((keyword, text) -> out().println(Messages.shown(keyword + ": " + text)));
        }
        out().flush();
    }
}
