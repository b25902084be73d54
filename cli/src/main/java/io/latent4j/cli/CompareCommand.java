package io.latent4j.cli;

import ai.djl.Device;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.Components;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.GenerationRequest;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.StableDiffusionPipeline;
import io.latent4j.pipeline.StepEvent;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplingMethod;
import io.latent4j.schedulers.SchedulerConfig;
import io.latent4j.schedulers.Schedulers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code latent4j compare}: one prompt by many sampling methods, on one sheet. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Makes the same picture by several sampling methods (rows) in several numbers of steps (columns),"
                + " all from the same noise, and puts them on one sheet.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j compare --output methods.png",
            "  latent4j compare --schedulers \"euler,dpm++2m,dpm++2m karras\" --steps 4,8,16 --output methods.png",
            "  latent4j compare --model ~/models/sd15 --prompt \"a boat\" --schedulers ddim,euler --output boats.png"
        })
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "a red circle above a blue square on a white background",
            description = "What the picture shows (default: ${DEFAULT-VALUE}).")
    private String prompt;

    @Mixin
    private PromptOptions prompts;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--schedulers",
            paramLabel = "NAME",
            split = ",",
            description = "Sampling methods, with commas between them; `latent4j schedulers` lists them (default: all"
                    + " that suit the model).")
    private List<String> schedulers = List.of();

    @Mixin
    private SchedulerSettings settings;

    @Option(
            names = {"-s", "--steps"},
            paramLabel = "N",
            split = ",",
            defaultValue = "5,10,20,50",
            description = "Numbers of steps, with commas between them (default: ${DEFAULT-VALUE}).")
    private List<Integer> steps;

    @Option(
            names = {"-g", "--guidance-scale"},
            paramLabel = "X",
            description = "How strongly the prompt pulls, 0 to 100 (default: the model's).")
    private Optional<Double> guidanceScale;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "12",
            description = "Where the noise comes from (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE.png",
            required = true,
            description = "The sheet's file, which is replaced if it is there.")
    private String output;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show nothing but the file's name, warnings and errors.")
    private boolean quiet;

    /** One picture to be made. */
    private record Cell(String scheduler, int steps, Plan plan) {}

    @Override
    public Integer call() throws IOException {
        GenerationRequest request = Asked.of(spec, this::request);
        Path file = Asked.of(spec, () -> PictureFiles.single(output));
        Device device = Asked.of(spec, () -> {
            model.check();
            schedulers.forEach(Schedulers::title); // refuses unknown names
            return model.device();
        });
        PrintWriter err = spec.commandLine().getErr();
        try (RunDisplay display = new RunDisplay(quiet ? Terminal.unseen() : Terminal.of(err), 1)) {
            display.loading("Loading " + model.name());
            try (Components loaded = model.load(device)) {
                Components parts = Asked.of(spec, () -> loaded.withScheduler(settings.set(loaded.scheduler())));
                List<List<Cell>> rows = Asked.of(spec, () -> rows(parts.scheduler(), err));
                int total = rows.stream()
                        .flatMap(List::stream)
                        .mapToInt(cell -> cell.plan().steps())
                        .sum();
                display.start("seed " + seed, total);
                Set<String> warnings = new LinkedHashSet<>();
                ComparisonSheet sheet = sheet(
                        rows,
                        new StableDiffusionPipeline(parts),
                        request,
                        event -> display.onStep(of(event, total)),
                        warnings);
                display.close();
                warnings.forEach(warning -> err.println("warning: " + warning));
                err.flush();
                PngFile.write(file, sheet.draw(), Map.of("parameters", parameters(rows, parts.name())));
            }
        }
        spec.commandLine().getOut().println(file);
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    /** What all pictures have in common. */
    GenerationRequest request() {
        GenerationRequest plain = new GenerationRequest(prompt).withSeed(seed);
        GenerationRequest request =
                prompts.addTo(model.lowMemory() ? plain.withTiling(DecodingOptions.LOW_MEMORY) : plain);
        steps.forEach(request::withSteps); // refuses what is no number of steps
        return guidanceScale.map(request::withGuidanceScale).orElse(request);
    }

    /** A row a method, of those asked for, or else of all that suit the model, with a line on those that do not. */
    private List<List<Cell>> rows(SchedulerConfig config, PrintWriter err) {
        if (!schedulers.isEmpty()) {
            return schedulers.stream().map(name -> row(name, config)).toList();
        }
        List<List<Cell>> rows = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (SamplingMethod method : Schedulers.methods()) {
            try {
                rows.add(row(method.name(), config));
            } catch (IllegalArgumentException e) {
                leftOut.add(method.name());
            }
        }
        if (!leftOut.isEmpty()) {
            err.println("left out, as the model or the steps do not suit them: " + String.join(", ", leftOut)
                    + "; --schedulers tells why");
            err.flush();
        }
        return rows;
    }

    private List<Cell> row(String name, SchedulerConfig config) {
        return steps.stream()
                .map(count ->
                        new Cell(name, count, Schedulers.named(name, config).plan(count)))
                .toList();
    }

    /** @param warnings gets what there is to say of the pictures */
    private ComparisonSheet sheet(
            List<List<Cell>> rows,
            StableDiffusionPipeline pipeline,
            GenerationRequest request,
            Progress progress,
            Set<String> warnings)
            throws IOException {
        List<ComparisonSheet.Row> drawn = new ArrayList<>();
        for (List<Cell> row : rows) {
            List<Optional<BufferedImage>> pictures = new ArrayList<>();
            for (Cell cell : row) {
                GenerationRequest one = request.withScheduler(cell.scheduler()).withSteps(cell.steps());
                Generation made = Asked.of(spec, () -> pipeline.generate(one, progress));
                warnings.addAll(made.warnings());
                pictures.add(Optional.of(made.image()));
            }
            drawn.add(new ComparisonSheet.Row(Schedulers.title(row.get(0).scheduler()), pictures));
        }
        List<String> columns =
                steps.stream().map(n -> n == 1 ? "1 step" : n + " steps").toList();
        return new ComparisonSheet(prompt + " (seed " + seed + ")", columns, drawn);
    }

    /** The event as one of a run of all pictures. */
    private static StepEvent of(StepEvent event, int total) {
        return new StepEvent(
                event.step(), total, event.image(), event.images(), event.level(), event.latents(), event.preview());
    }

    private String parameters(List<List<Cell>> rows, String modelName) {
        String counts = steps.stream().map(String::valueOf).collect(Collectors.joining(" "));
        String titles = rows.stream()
                .map(row -> Schedulers.title(row.get(0).scheduler()))
                .collect(Collectors.joining(" | "));
        return prompt + "\nSteps: " + counts + ", Sampler: " + titles + ", Seed: " + seed + ", Model: " + modelName
                + ", Version: latent4j";
    }
}
