package io.latent4j.cli.generate;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Facts;
import io.latent4j.cli.output.ImageFiles;
import io.latent4j.cli.output.Table;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.cli.output.Version;
import io.latent4j.core.image.PngFile;
import io.latent4j.schedulers.catalogue.SamplingMethod;
import io.latent4j.schedulers.catalogue.Schedulers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latent4j schedulers}: the catalogue of sampling methods, and a plot of noise schedules. */
@Command(
        name = "schedulers",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Lists the sampling methods that --scheduler takes, or draws the noise schedules of models.",
        footerHeading = "%nExamples:%n",
        footer = {"  latent4j schedulers", "  latent4j schedulers --json", "  latent4j schedulers --plot schedules.png"
        })
public final class SchedulersCommand implements Callable<Integer> {
    private static final int WIDTH = 72;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--plot",
            paramLabel = "FILE.png",
            description = "Draw noise schedules instead: the share of the image and the signal-to-noise ratio at each"
                    + " timestep.")
    private Optional<String> plot;

    @Override
    public Integer call() throws IOException {
        if (plot.isPresent() && json) {
            throw new ParameterException(spec.commandLine(), "--plot prints no JSON; expected --plot or --json");
        }
        if (plot.isPresent()) {
            Path file = UsageErrors.of(spec, () -> ImageFiles.single(plot.get()));
            PngFile.write(file, NoisePlot.draw(), Map.of());
            out().println(file);
        } else if (json) {
            Facts.printJson(facts(), out());
        } else {
            print();
        }
        out().flush();
        return ExitCode.OK;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void print() {
        Table table = new Table().row("name", "class", "order", "noise", "calls", "words");
        for (SamplingMethod method : Schedulers.methods()) {
            table.row(
                    method.name(),
                    method.className().orElse("-"),
                    Integer.toString(method.order()),
                    method.stochastic() ? "yes" : "no",
                    Integer.toString(method.calls()),
                    method.spacesLevels() ? "all" : "-");
        }
        table.lines().forEach(out()::println);
        out().println();
        out().println("  order: halving the steps' length divides the error by about 2 to this");
        out().println("  noise: whether steps draw fresh noise; calls: runs of the network a step");
        out().println("  words: what may follow the name, as in \"euler karras\":");
        wrapped(Schedulers.spacings()).forEach(line -> out().println("    " + line));
        out().println();
        Table papers = new Table().row("name", "paper");
        Schedulers.methods().forEach(method -> papers.row(method.name(), method.paper()));
        papers.lines().forEach(out()::println);
    }

    private static List<String> wrapped(List<String> words) {
        List<String> lines = new ArrayList<>();
        String line = words.get(0);
        for (String word : words.subList(1, words.size())) {
            if (line.length() + word.length() > WIDTH) {
                lines.add(line + ",");
                line = word;
            } else {
                line += ", " + word;
            }
        }
        lines.add(line);
        return lines;
    }

    private static JsonObject facts() {
        JsonArray methods = new JsonArray();
        for (SamplingMethod method : Schedulers.methods()) {
            JsonObject facts = new JsonObject();
            facts.addProperty("name", method.name());
            facts.addProperty("title", method.title());
            facts.addProperty("class", method.className().orElse(null));
            facts.add("names", array(method.names()));
            facts.addProperty("order", method.order());
            facts.addProperty("stochastic", method.stochastic());
            facts.addProperty("calls_a_step", method.calls());
            facts.add("spacings", array(method.spacesLevels() ? Schedulers.spacings() : List.of()));
            facts.addProperty("paper", method.paper());
            methods.add(facts);
        }
        JsonObject all = new JsonObject();
        all.add("schedulers", methods);
        return all;
    }

    private static JsonArray array(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
