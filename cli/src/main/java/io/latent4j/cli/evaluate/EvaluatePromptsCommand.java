package io.latent4j.cli.evaluate;

import io.latent4j.cli.options.CachingOptions;
import io.latent4j.cli.options.DecodingOptions;
import io.latent4j.cli.options.LoadedLoras;
import io.latent4j.cli.options.LoraOptions;
import io.latent4j.cli.options.ModelOptions;
import io.latent4j.cli.options.SchedulerOptions;
import io.latent4j.cli.output.CountDisplay;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.Facts;
import io.latent4j.cli.output.Terminal;
import io.latent4j.cli.output.Version;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.training.data.evaluation.PromptEvaluation;
import io.latent4j.training.data.evaluation.PromptSampler;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latent4j evaluate prompts}: how often a model's images of scenes show what their captions say. */
@Command(
        name = "prompts",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Makes images of captions of coloured shapes that are held out of training, looks at their pixels, and tells"
                    + " how often everything is right, and what.",
            "Half of the captions have one shape and half have two. Of size and relation only captions that say one count."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j evaluate prompts --count 100",
            "  latent4j evaluate prompts -m trained/ -g 1,2,3,5 --output evaluation/",
            "  latent4j evaluate prompts --model trained/ --json",
            "  latent4j evaluate prompts --lora moon.safetensors:0.8",
            "",
            "With several guidance scales the diversity of each is printed: how much images",
            "of one caption differ, root mean square of levels from 0 to 1, beside that of",
            "drawn scenes."
        })
final class EvaluatePromptsCommand implements Callable<Integer> {
    private static final int MOST = 100_000;
    private static final int MOST_BATCH = 1024;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--lora",
            paramLabel = "FILE[:X]",
            description = "Adapter, as for generate, with one strength for all steps; may be given several times.")
    private List<String> loras = new ArrayList<>();

    @Option(
            names = {"-c", "--count"},
            paramLabel = "N",
            defaultValue = "500",
            description = "How many captions, one image each (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = {"-g", "--guidance-scale"},
            paramLabel = "X[,X...]",
            split = ",",
            description = "How strongly captions pull, 0 to 100; several are compared (default: the model's).")
    private List<Double> guidanceScales = new ArrayList<>();

    @Option(
            names = {"-s", "--steps"},
            paramLabel = "N",
            description = "Denoising steps (default: the model's).")
    private Optional<Integer> steps;

    @Mixin
    private SchedulerOptions scheduler;

    @Mixin
    private CachingOptions caching;

    @Option(
            names = {"-b", "--batch", "--batch-size"},
            paramLabel = "N",
            defaultValue = "16",
            description = "How many images at a time (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Chooses the captions, and image i has seed + i (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description =
                    "Also write the images on one sheet, a table of every caption as CSV, and for several guidance"
                            + " scales a plot of what they do, to this folder.")
    private Optional<Path> output;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show no progress.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        check(count > 0 && count <= MOST, "count is " + count + "; expected 1 to " + MOST);
        check(batch > 0 && batch <= MOST_BATCH, "batch is " + batch + "; expected 1 to " + MOST_BATCH);
        accepted(() -> {
            scheduler.name(); // refuses unknown names
            model.check();
            return null;
        });
        if (output.isPresent()) {
            EvaluationFiles.checkFolder(output.get());
        }
        List<LoraOptions.Wanted> wanted = new ArrayList<>();
        for (String lora : loras) {
            wanted.add(accepted(() -> LoraOptions.file(lora)));
        }
        try (Components own = model.loadAndNote(accepted(model::device));
                LoadedLoras loaded = accepted(() -> LoadedLoras.load(wanted, own))) {
            Components parts = accepted(() -> own.withScheduler(scheduler.set(own.scheduler())));
            int stepCount = steps.orElse(parts.defaults().steps());
            List<PromptSampler> samplers = accepted(() -> samplers(parts, stepCount, loaded));
            Evaluated evaluated = evaluate(loaded, samplers, parts.defaults().width(), stepCount);
            if (output.isPresent()) {
                EvaluationFiles.write(output.get(), evaluated);
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                Facts.printJson(evaluated.json(), out);
            } else {
                evaluated.lines().forEach(out::println);
                out.flush();
            }
        }
        return ExitCode.OK;
    }

    private List<PromptSampler> samplers(Components parts, int stepCount, LoadedLoras adapters) {
        GenerationRequest plain = caching.addTo(new GenerationRequest(""))
                .withSteps(stepCount)
                .withPromptSyntax(PromptSyntax.PLAIN)
                .withAdapters(adapters.uses());
        TextToImagePipeline pipeline = new TextToImagePipeline(parts).withAdapters(adapters.adapters());
        GenerationRequest tiled = model.lowMemory() ? plain.withTiling(DecodingOptions.LOW_MEMORY) : plain;
        GenerationRequest request = scheduler.name().map(tiled::withScheduler).orElse(tiled);
        if (guidanceScales.isEmpty()) {
            guidanceScales.add(parts.defaults().guidanceScale());
        }
        return guidanceScales.stream()
                .map(scale -> new PromptSampler(pipeline, parts, request.withGuidanceScale(scale)))
                .toList();
    }

    /** The model, and the adapters with it. */
    private String named(LoadedLoras loaded) {
        return Stream.concat(Stream.of(model.name()), loaded.open().stream().map(LoraUse::tag))
                .collect(Collectors.joining(" "));
    }

    private Evaluated evaluate(LoadedLoras loaded, List<PromptSampler> samplers, int side, int stepCount) {
        PromptEvaluation evaluation = PromptEvaluation.of(count, seed, batch);
        boolean compares = samplers.size() > 1;
        int total = samplers.stream()
                .mapToInt(s -> evaluation.judgeSteps(s) + (compares ? evaluation.diversitySteps(s) : 0))
                .sum();
        Terminal terminal =
                quiet ? Terminal.unseen() : Terminal.of(spec.commandLine().getErr());
        AtomicInteger done = new AtomicInteger();
        List<Evaluated.Result> results = new ArrayList<>();
        try (CountDisplay display = new CountDisplay(terminal, "evaluating", "steps", total)) {
            Runnable onStep = () -> display.done(done.incrementAndGet());
            for (PromptSampler sampler : samplers) {
                results.add(new Evaluated.Result(
                        sampler.guidanceScale(),
                        evaluation.judge(sampler, onStep),
                        compares ? OptionalDouble.of(evaluation.diversity(sampler, onStep)) : OptionalDouble.empty()));
            }
        }
        return new Evaluated(
                named(loaded),
                seed,
                stepCount,
                results,
                compares ? OptionalDouble.of(evaluation.diversityOfDrawn(side)) : OptionalDouble.empty());
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    /** What {@code step} gives; what it refuses is the user's to put right. */
    private <T> T accepted(Callable<T> step) throws IOException {
        try {
            return step.call();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
