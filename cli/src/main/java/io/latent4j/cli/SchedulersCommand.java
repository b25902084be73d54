package io.latent4j.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.latent4j.core.image.PngFile;
import io.latent4j.schedulers.SamplingMethod;
import io.latent4j.schedulers.Schedulers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
final class SchedulersCommand implements Callable<Integer> {
    private static final Pattern ARXIV = Pattern.compile("arXiv:(\\d+\\.\\d+)");
    private static final int SHORT = 10;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--plot",
            paramLabel = "FILE.png",
            description = "Draw noise schedules instead: the share of the picture and the signal-to-noise ratio at each"
                    + " timestep.")
    private Optional<String> plot;

    @Override
    public Integer call() throws IOException {
        if (plot.isPresent() && json) {
            throw new ParameterException(spec.commandLine(), "--plot prints no JSON; expected --plot or --json");
        }
        if (plot.isPresent()) {
            Path file = Asked.of(spec, () -> PictureFiles.single(plot.get()));
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
        List<String> all = Schedulers.methods().stream()
                .flatMap(method -> spacings(method).stream())
                .distinct()
                .toList();
        Table table = new Table().row("name", "class", "order", "noise", "calls", "spacings", "arXiv");
        for (SamplingMethod method : Schedulers.methods()) {
            table.row(
                    method.name(),
                    method.className().orElse("-"),
                    Integer.toString(method.order()),
                    method.stochastic() ? "yes" : "no",
                    Integer.toString(method.calls()),
                    spacings(method, all),
                    paper(method));
        }
        table.lines().forEach(out()::println);
        out().println();
        out().println("  order: halving the steps' length divides the error by about 2 to this");
        out().println("  noise: whether steps draw fresh noise; calls: how often a step asks the network");
        out().println("  spacings: words that may follow the name, as in \"euler karras\"; all: "
                + String.join(", ", all));
    }

    private static String spacings(SamplingMethod method, List<String> all) {
        List<String> own = spacings(method);
        return own.isEmpty() ? "-" : own.size() > 1 && own.equals(all) ? "all" : String.join(", ", own);
    }

    private static String paper(SamplingMethod method) {
        Matcher arxiv = ARXIV.matcher(method.paper());
        if (arxiv.find()) {
            return arxiv.group(1);
        }
        String paper = method.paper();
        return paper.length() <= SHORT ? paper : paper.substring(0, SHORT - 1) + "\u2026";
    }

    /** The words for how noise levels are spaced that may follow the method's name. */
    private static List<String> spacings(SamplingMethod method) {
        return Schedulers.names().stream()
                .filter(name -> owner(name).equals(method.name()))
                .map(name -> name.substring(method.name().length()).strip())
                .filter(spacing -> !spacing.isEmpty())
                .toList();
    }

    /** The longest name of a method that {@code name} begins with. */
    private static String owner(String name) {
        return Schedulers.methods().stream()
                .map(SamplingMethod::name)
                .filter(method -> name.equals(method) || name.startsWith(method + " "))
                .max(Comparator.comparingInt(String::length))
                .orElseThrow();
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
            facts.add("spacings", array(spacings(method)));
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
