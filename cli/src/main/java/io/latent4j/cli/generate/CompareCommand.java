package io.latent4j.cli.generate;

import ai.djl.Device;
import io.latent4j.cli.options.DecodingOptions;
import io.latent4j.cli.options.ModelOptions;
import io.latent4j.cli.options.PromptOptions;
import io.latent4j.cli.options.SchedulerSettings;
import io.latent4j.cli.options.SeedConverter;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.ImageFiles;
import io.latent4j.cli.output.RunDisplay;
import io.latent4j.cli.output.Terminal;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.cli.output.Version;
import io.latent4j.core.config.Counted;
import io.latent4j.core.image.PngFile;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.SamplingMethod;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
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
        description = "Makes the same image by several sampling methods (rows) in several numbers of steps (columns),"
                + " all from the same noise, and puts them on one sheet.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j compare --output methods.png",
            "  latent4j compare --schedulers \"euler,dpm++2m\" --steps 4,8 -o methods.png",
            "  latent4j compare -m sd15 --prompt \"a boat\" --schedulers ddim,euler -o b.png"
        })
public final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "a red circle above a blue square on a white background",
            description = "What the image shows (default: ${DEFAULT-VALUE}).")
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
            converter = SeedConverter.class,
            description = "Where the noise comes from; -1 is a random one (default: ${DEFAULT-VALUE}).")
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

    /** One image to be made. */
    private record Cell(int steps, Plan plan) {}

    /** A method's images. */
    private record Row(String scheduler, SchedulerConfig config, List<Cell> cells) {}

    @Override
    public Integer call() throws IOException {
        GenerationRequest request = UsageErrors.of(spec, this::request);
        Path file = UsageErrors.of(spec, () -> ImageFiles.single(output));
        Device device = UsageErrors.of(spec, () -> {
            model.check();
            schedulers.forEach(Schedulers::title); // refuses unknown names
            return model.device();
        });
        PrintWriter err = spec.commandLine().getErr();
        try (RunDisplay display = new RunDisplay(quiet ? Terminal.unseen() : Terminal.of(err))) {
            display.loading("Loading " + model.name());
            try (Components loaded = model.load(device)) {
                List<Row> rows = UsageErrors.of(spec, () -> rows(loaded.scheduler(), size(loaded, request), err));
                int total = rows.stream()
                        .flatMap(row -> row.cells().stream())
                        .mapToInt(cell -> cell.plan().steps())
                        .sum();
                display.start("seed " + Long.toUnsignedString(seed), total);
                Set<String> warnings = new LinkedHashSet<>();
                AtomicInteger done = new AtomicInteger();
                ComparisonSheet sheet = sheet(
                        rows,
                        loaded,
                        request,
                        event -> display.step(done.incrementAndGet(), total, event.step() == event.steps()),
                        warnings);
                display.close();
                warnings.forEach(warning -> err.println("warning: " + warning));
                err.flush();
                PngFile.write(file, sheet.draw(), Map.of("parameters", parameters(rows, loaded)));
            }
        }
        spec.commandLine().getOut().println(file);
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    /** What all images have in common. */
    GenerationRequest request() {
        GenerationRequest plain = new GenerationRequest(prompt).withSeed(seed);
        GenerationRequest request =
                prompts.addTo(model.lowMemory() ? plain.withTiling(DecodingOptions.LOW_MEMORY) : plain);
        steps.forEach(request::withSteps); // refuses what is no number of steps
        return guidanceScale.map(request::withGuidanceScale).orElse(request);
    }

    private static LatentSize size(Components model, GenerationRequest request) {
        int width = model.defaults().width();
        int height = model.defaults().height();
        return LatentSize.of(model.codec(request.tiling()).latentShape(1, width, height));
    }

    /**
     * A row a method, of those asked for, or else of all that suit the model, with a line on those that do not.
     *
     * @throws IllegalArgumentException if there is none, or a setting that none reads
     */
    private List<Row> rows(SchedulerConfig config, LatentSize size, PrintWriter err) {
        SchedulerConfig all = settings.set(config); // refuses unknown keys
        if (!schedulers.isEmpty()) {
            List<Row> rows =
                    schedulers.stream().map(name -> row(name, config, size)).toList();
            checkRead(rows);
            return rows;
        }
        List<Row> rows = new ArrayList<>();
        Map<String, IllegalArgumentException> leftOut = new LinkedHashMap<>();
        for (SamplingMethod method : Schedulers.methods()) {
            try {
                rows.add(row(method.name(), config, size));
            } catch (IllegalArgumentException e) {
                leftOut.put(method.name(), e);
            }
        }
        for (String key : settings.keys()) { // first what is wrong with its value
            leftOut.keySet().stream()
                    .filter(name -> !isRead(key, rows) && Schedulers.reads(name, key, all))
                    .findFirst()
                    .map(leftOut::get)
                    .ifPresent(e -> {
                        throw e;
                    });
        }
        if (rows.isEmpty()) {
            Map.Entry<String, IllegalArgumentException> first =
                    leftOut.entrySet().iterator().next();
            throw new IllegalArgumentException("no method suits the model and the steps; " + first.getKey()
                    + " for instance: " + first.getValue().getMessage());
        }
        checkRead(rows);
        if (!leftOut.isEmpty()) {
            String settingsToo = settings.keys().isEmpty() ? " or the steps" : ", the steps or the settings";
            err.println("left out, as the model" + settingsToo + " do not suit them: "
                    + String.join(", ", leftOut.keySet()) + "; --schedulers tells why");
            err.flush();
        }
        return rows;
    }

    private void checkRead(List<Row> rows) {
        for (String key : settings.keys()) {
            if (!isRead(key, rows)) {
                throw new IllegalArgumentException("the scheduler's settings: " + key + " has no effect on "
                        + rows.stream().map(Row::scheduler).collect(Collectors.joining(", ")));
            }
        }
    }

    private static boolean isRead(String key, List<Row> rows) {
        return rows.stream().anyMatch(row -> row.config().settings().containsKey(key));
    }

    /** With the settings that the method reads. */
    private Row row(String name, SchedulerConfig config, LatentSize size) {
        SchedulerConfig all = settings.set(config);
        SchedulerConfig own = settings.setWhere(key -> Schedulers.reads(name, key, all), config);
        Scheduler method = Schedulers.named(name, own);
        return new Row(
                name,
                own,
                steps.stream()
                        .map(count -> new Cell(count, method.plan(Steps.of(count), size)))
                        .toList());
    }

    /** @param warnings gets what there is to say of the images */
    private ComparisonSheet sheet(
            List<Row> rows, Components parts, GenerationRequest request, Progress progress, Set<String> warnings)
            throws IOException {
        List<ComparisonSheet.Row> drawn = new ArrayList<>();
        for (Row row : rows) {
            TextToImagePipeline pipeline = new TextToImagePipeline(parts.withScheduler(row.config()));
            List<Optional<BufferedImage>> images = new ArrayList<>();
            for (Cell cell : row.cells()) {
                GenerationRequest one = request.withScheduler(row.scheduler()).withSteps(cell.steps());
                Generation made = UsageErrors.of(spec, () -> pipeline.generate(one, progress));
                warnings.addAll(made.warnings());
                images.add(Optional.of(made.image()));
            }
            drawn.add(new ComparisonSheet.Row(Schedulers.title(row.scheduler()), images));
        }
        List<String> columns = steps.stream().map(n -> Counted.of(n, "step")).toList();
        return new ComparisonSheet(prompt + " (seed " + Long.toUnsignedString(seed) + ")", columns, drawn);
    }

    private String parameters(List<Row> rows, Components parts) {
        String counts = steps.stream().map(String::valueOf).collect(Collectors.joining(" "));
        String titles =
                rows.stream().map(row -> Schedulers.title(row.scheduler())).collect(Collectors.joining(" | "));
        String set = settings.set(parts.scheduler()).settings().entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue().replace(",", ""))
                .collect(Collectors.joining(" "));
        String scale = BigDecimal.valueOf(guidanceScale.orElse(parts.defaults().guidanceScale()))
                .stripTrailingZeros()
                .toPlainString();
        return prompt + "\nSteps: " + counts + ", Sampler: " + titles + ", CFG scale: " + scale + ", Seed: "
                + Long.toUnsignedString(seed)
                + ", Model: " + parts.name() + (set.isEmpty() ? "" : ", Sampler settings: " + set)
                + ", Version: latent4j";
    }
}
