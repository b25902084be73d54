package io.latent4j.conformance;

import io.latent4j.pipeline.model.Devices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Replays folders of reference numbers from the command line: prints a line a case and a summary, and ends with status 0
 * if a case passed and none failed, 1 if not, and 2 if there is nothing to replay.
 */
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        description = "Replays folders of reference numbers against latent4j.")
public final class Conformance implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int UNUSABLE = 2;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", arity = "1..*", description = "The folders, each with index.json.")
    private List<Path> folders = List.of();

    @Option(names = "--json", description = "Print JSON instead of lines.")
    private boolean json;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            description = "Only cases of these kinds, such as unet or pipeline.")
    private List<String> kinds = List.of();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N; default ${DEFAULT-VALUE}.")
    private String device = "cpu";

    public static void main(String[] args) {
        System.setProperty("ai.djl.offline", System.getProperty("ai.djl.offline", "true"));
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.exit(new CommandLine(new Conformance()).execute(args));
    }

    @Override
    public Integer call() {
        List<ReferenceFolder> references = new ArrayList<>();
        try {
            for (Path folder : folders) {
                references.add(ReferenceFolder.open(folder, Devices.named(device)));
            }
            List<ReferenceCase> cases = references.stream()
                    .flatMap(reference -> reference.cases().stream())
                    .filter(each -> kinds.isEmpty() || kinds.contains(each.kind()))
                    .toList();
            if (cases.isEmpty()) {
                String names = folders.stream().map(Path::toString).collect(Collectors.joining(", "));
                throw new IOException(
                        names + ": no case" + (kinds.isEmpty() ? "" : " of kind " + String.join(", ", kinds)));
            }
            Report report = json ? printJson(cases) : printLines(cases);
            return report.passed() ? 0 : FAILED;
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return UNUSABLE;
        } finally {
            references.forEach(ReferenceFolder::close);
        }
    }

    private Report printJson(List<ReferenceCase> cases) {
        Report report = run(cases, outcome -> {});
        print(report.json());
        return report;
    }

    private Report printLines(List<ReferenceCase> cases) {
        int width = cases.stream().mapToInt(each -> each.name().length()).max().orElse(0);
        print(Report.heading(width));
        Report report = run(cases, outcome -> print(Report.line(outcome, width)));
        print("");
        report.summary().forEach(this::print);
        return report;
    }

    private static Report run(List<ReferenceCase> cases, Consumer<Outcome> listener) {
        List<Outcome> outcomes = new ArrayList<>();
        for (ReferenceCase each : cases) {
            Outcome outcome = each.run();
            listener.accept(outcome);
            outcomes.add(outcome);
        }
        return new Report(outcomes);
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
    }
}
