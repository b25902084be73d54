package io.latent4j.cli.generate;

import ai.djl.Device;
import io.latent4j.cli.options.CachingOptions;
import io.latent4j.cli.options.ControlOptions;
import io.latent4j.cli.options.DecodingOptions;
import io.latent4j.cli.options.EmbeddingOptions;
import io.latent4j.cli.options.FromOptions;
import io.latent4j.cli.options.GuidanceOptions;
import io.latent4j.cli.options.ImageOptions;
import io.latent4j.cli.options.LoraOptions;
import io.latent4j.cli.options.ModelOptions;
import io.latent4j.cli.options.PromptOptions;
import io.latent4j.cli.options.RefinerOptions;
import io.latent4j.cli.options.SamplerOptions;
import io.latent4j.cli.options.SchedulerOptions;
import io.latent4j.cli.options.SeedConverter;
import io.latent4j.cli.options.UpscaleOptions;
import io.latent4j.cli.options.VariationOptions;
import io.latent4j.cli.output.ExitCode;
import io.latent4j.cli.output.ImageFiles;
import io.latent4j.cli.output.ImagesMade;
import io.latent4j.cli.output.PreviewFile;
import io.latent4j.cli.output.RunDisplay;
import io.latent4j.cli.output.Terminal;
import io.latent4j.cli.output.UsageErrors;
import io.latent4j.cli.output.Version;
import io.latent4j.pipeline.UnconditionalPipeline;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.JobListener;
import io.latent4j.service.JobRunner;
import io.latent4j.service.job.JobSpec;
import io.latent4j.service.job.PromptTags;
import io.latent4j.service.job.RecreatedJob;
import io.latent4j.service.job.RefinerUse;
import io.latent4j.service.registry.ModelRegistry;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latent4j generate}: text to image files. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Makes images from a text and prints the names of their files.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  latent4j generate \"a red circle above a blue square on a white background\"",
            "  latent4j generate \"a green star\" --seed 7 --output star.png",
            "  latent4j generate \"a (red:1.3) boat, [dusk:night:0.4]\" -m sd15 --clip-skip 2",
            "  latent4j generate \"a boat\" -m sd15 --count 8 --batch-size 4 --output boats/",
            "  latent4j generate \"a boat\" -m sd15 --lora ink.safetensors:0.8",
            "  latent4j generate \"a boat <lora:ink:0.8>\" -m sd15 --lora-dir ~/loras",
            "  latent4j generate \"a <moon>\" -m sd15 --embedding moon.safetensors",
            "  latent4j generate \"a boat in a storm\" -m sd15 --image boat.jpg --strength 0.6",
            "  latent4j generate \"a red boat\" -m sd15 --image boat.jpg --mask mask.png",
            "  latent4j generate \"a boat\" -m sd15 --controlnet canny --control-image c.png",
            "  latent4j generate \"a boat\" -m sdxl --low-memory",
            "  latent4j generate \"a boat\" -m sd15 --scheduler \"euler a\" -s 30 --device cuda",
            "  latent4j generate \"a boat\" --seed 7 --variation-strength 0.2 --count 4",
            "  latent4j generate \"a boat\" -m sd15 --upscale 2",
            "  latent4j generate --from star.png --seed 8 --output star-8.png",
            "  latent4j generate --interactive -m sd15",
            "",
            "Every image carries its text and settings; `latent4j inspect` shows them."
        })
public final class GenerateCommand implements Callable<Integer> {
    /** The fields whose options are for models that read texts and work on latents. */
    private static final List<String> FOR_TEXT =
            List.of("prompts", "loras", "embeddings", "image", "upscale", "controls", "refiner", "decoding");

    /** The fields whose options choose models. */
    private static final List<String> OF_MODELS = List.of("model", "controls", "refiner", "decoding");

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PROMPT",
            description = "What the image shows; may be empty. Left out for a model that takes no text.")
    private Optional<String> prompt;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The same as an option.")
    private Optional<String> promptOption;

    @Option(
            names = {"-n", "--negative-prompt"},
            paramLabel = "TEXT",
            description = "What it does not show.")
    private Optional<String> negativePrompt;

    @Mixin
    private FromOptions from;

    @Mixin
    private PromptOptions prompts;

    @Mixin
    private ModelOptions model;

    @Mixin
    private LoraOptions loras;

    @Mixin
    private EmbeddingOptions embeddings;

    @Mixin
    private ImageOptions image;

    @Mixin
    private UpscaleOptions upscale;

    @Mixin
    private ControlOptions controls;

    @Mixin
    private RefinerOptions refiner;

    @Mixin
    private DecodingOptions decoding;

    @Option(
            names = {"-s", "--steps"},
            paramLabel = "N",
            description = "Denoising steps: more take longer and show more detail (default: the model's).")
    private Optional<Integer> steps;

    @Mixin
    private GuidanceOptions guidance;

    @Mixin
    private CachingOptions caching;

    @Mixin
    private SchedulerOptions scheduler;

    @Mixin
    private SamplerOptions sampler;

    @Option(
            names = "--eta",
            paramLabel = "X",
            description =
                    "Share of fresh noise in the steps of ddim, tcd and the methods whose names end with a or sde, 0"
                            + " to 1 (default: the model's, or else 0 of ddim, 0.3 of tcd, 1 of the others).")
    private Optional<Double> eta;

    @Option(
            names = "--seed",
            paramLabel = "N",
            converter = SeedConverter.class,
            description =
                    "The same seed and settings give the same image (default: -1, a random one, which is printed)."
                            + " Image i of several has seed + i.")
    private Optional<Long> seed;

    @Mixin
    private VariationOptions variation;

    @Option(names = "--width", paramLabel = "PIXELS", description = "Width (default: the model's).")
    private Optional<Integer> width;

    @Option(names = "--height", paramLabel = "PIXELS", description = "Height (default: the model's).")
    private Optional<Integer> height;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "N",
            defaultValue = "1",
            description = "How many images (default: 1).")
    private int count;

    @Option(
            names = {"-b", "--batch-size"},
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How many of them at a time; another number changes the last bits of an image at most (default:"
                            + " 1).")
    private int batchSize;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE|DIR",
            defaultValue = "",
            description = "A file, which is replaced if it is there; of several images each gets a number: FILE-1.png,"
                    + " FILE-2.png... Or a folder, existing or with a / at the end, for files latent4j-SEED.png, which"
                    + " get another number rather than replace one (default: the current folder).")
    private String output;

    @Option(
            names = "--json",
            description =
                    "Print a JSON object on a line for each image when it is finished, instead of its file's name.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "Show nothing but the files' names, warnings and errors.")
    private boolean quiet;

    @Option(
            names = "--interactive",
            description = "Read one prompt after another from standard input, and keep the model open. :help there says"
                    + " how options are changed.")
    private boolean interactive;

    private final KeptModels kept = new KeptModels();
    private boolean keeping;

    @Override
    public Integer call() throws IOException {
        if (interactive) {
            return prompts();
        }
        try {
            return images();
        } finally {
            if (!keeping) {
                kept.close();
            }
        }
    }

    /** Runs this command again for each line of the input. */
    private int prompts() throws IOException {
        if (hasPrompt()) {
            throw new ParameterException(
                    spec.commandLine(), "--interactive reads prompts from standard input; expected none beside it");
        }
        CommandLine program = spec.root().commandLine();
        List<String> arguments = program.getParseResult().originalArgs().stream()
                .filter(argument -> !argument.startsWith("--interactive"))
                .toList();
        keeping = true;
        Charset encoding = Charset.forName(System.getProperty("native.encoding", "UTF-8"));
        String mark = Terminal.isTypedTo() ? "> " : "";
        try (KeptModels models = kept) {
            return new PromptShell(program, spec.commandLine(), arguments)
                    .run(new InputLines(new InputStreamReader(System.in, encoding)), mark);
        } finally {
            keeping = false;
        }
    }

    private int images() throws IOException {
        Optional<RecreatedJob> recreated = UsageErrors.of(spec, from::job);
        Optional<JobSpec> before = recreated.map(RecreatedJob::job);
        UsageErrors.of(spec, () -> {
            before.flatMap(JobSpec::model).ifPresent(model::otherwise);
            return model;
        });
        PromptTags tags = UsageErrors.of(spec, () -> tags(before));
        LoraOptions.Chosen adapters =
                UsageErrors.of(spec, () -> loras.wanted(tags.tags(), before.isPresent() && !hasPrompt()));
        OptionalDouble strength = recreated.map(RecreatedJob::strength).orElseGet(OptionalDouble::empty);
        JobSpec job = UsageErrors.of(spec, () -> job(before, tags, adapters, strength));
        ImageFiles files = UsageErrors.of(spec, () -> ImageFiles.of(output, count));
        Device device = UsageErrors.of(spec, () -> {
            model.check(job.refiner().map(RefinerUse::model));
            return model.device();
        });
        ImagesMade written = new ImagesMade(spec, files, model.name(), json);
        boolean imagesGiven = job.source().isPresent()
                || !job.controls().isEmpty()
                || !job.references().isEmpty();
        recreated.ifPresent(made -> from.warnings(made, imagesGiven).forEach(written::warn));
        adapters.warnings().forEach(written::warn);
        try (RunDisplay display = new RunDisplay(terminal())) {
            display.loading("Loading " + model.name());
            if (model.takesNoText()) {
                UsageErrors.of(spec, () -> forPixels(job.request()));
            }
            Optional<Path> preview = files.preview(decoding.previews());
            ModelRegistry registry = kept.of(choice(), () -> registry(device, job));
            try (PreviewFile shown = new PreviewFile(preview)) {
                JobListener listener = new GenerateListener(display, written, shown);
                UsageErrors.ofJob(spec, () -> new JobRunner(registry).run(job, listener));
            }
        }
        return ExitCode.OK;
    }

    /** The options that choose models and what they compute in. */
    private String choice() {
        Set<String> names = OF_MODELS.stream()
                .flatMap(group -> spec.mixins().get(group).options().stream())
                .map(OptionSpec::longestName)
                .collect(Collectors.toSet());
        Stream<String> given = spec.commandLine().getParseResult().matchedOptions().stream()
                .filter(option -> names.contains(option.longestName()))
                .map(option -> option.longestName() + "=" + option.originalStringValues());
        return Stream.concat(Stream.of(model.key()), given).collect(Collectors.joining("\n"));
    }

    /** The models that the options name, which are opened when the job needs them. */
    private ModelRegistry registry(Device device, JobSpec job) throws IOException {
        ModelRegistry registry = new ModelRegistry(model.placement(device));
        if (model.takesNoText()) {
            return registry.addPixels(model.key(), () -> pixels(device, job));
        }
        registry.addModel(model.key(), new CheckedModel(model.opener(device), job));
        refiner.register(job, registry, model, device, spec);
        controls.register(registry, model.source(), spec);
        decoding.register(registry, model.source(), spec);
        return registry;
    }

    private UnconditionalPipeline pixels(Device device, JobSpec job) throws IOException {
        UnconditionalPipeline opened = model.loadUnconditional(device);
        try {
            CheckedModel.check(opened.scheduler(), job);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** The request to a model that takes no text, if no option for models that do is given. */
    private GenerationRequest forPixels(GenerationRequest request) {
        Set<String> others = FOR_TEXT.stream()
                .flatMap(group -> spec.mixins().get(group).options().stream())
                .map(OptionSpec::longestName)
                .collect(Collectors.toSet());
        others.addAll(List.of("--negative-prompt", "--low-memory", "--vae"));
        Stream<String> matched = spec.commandLine().getParseResult().matchedOptions().stream()
                .map(OptionSpec::longestName)
                .filter(others::contains);
        Stream<String> preview = Stream.of("--preview").filter(p -> decoding.previews()); // picocli does not match it
        Stream<String> given = Stream.concat(matched, preview).distinct();
        String tooMuch = Stream.concat(
                        Stream.of("prompt").filter(p -> !request.prompt().text().isEmpty()), given)
                .map(each -> "no " + each)
                .collect(Collectors.joining(", "));
        if (!tooMuch.isEmpty()) {
            throw new IllegalArgumentException(
                    model.name() + " was trained without texts, and makes pixels of noise alone; expected " + tooMuch);
        }
        return request;
    }

    private Terminal terminal() {
        PrintWriter err = spec.commandLine().getErr();
        return quiet ? Terminal.unseen() : Terminal.of(err);
    }

    private boolean hasPrompt() {
        return prompt.isPresent() || promptOption.isPresent();
    }

    private PromptTags tags(Optional<JobSpec> before) throws IOException {
        if (prompt.isPresent() && promptOption.isPresent()) {
            throw new IllegalArgumentException("the prompt is given twice");
        }
        Optional<String> text = prompt.or(() -> promptOption)
                .or(() -> before.map(job -> job.request().prompt().text()));
        if (text.isEmpty() && !model.takesNoText()) {
            throw new IllegalArgumentException("there is no prompt; expected one, in quotes");
        }
        return PromptTags.of(text.orElse(""));
    }

    /** @param before what options change */
    private JobSpec job(
            Optional<JobSpec> before, PromptTags tags, LoraOptions.Chosen adapters, OptionalDouble strength) {
        GenerationRequest request = request(
                        before.map(JobSpec::request).orElseGet(() -> new GenerationRequest("")), tags.text())
                .withAdapters(adapters.adapters().stream()
                        .map(LoraOptions.Wanted::use)
                        .toList());
        return new JobSpec(
                Optional.of(model.key()),
                request,
                image.source(strength),
                controls.files(),
                image.references(),
                refiner.use(before.flatMap(JobSpec::refiner)),
                embeddings.files(),
                scheduler.settings(before.map(JobSpec::schedulerSettings).orElse(Map.of())),
                decoding.preview());
    }

    private GenerationRequest request(GenerationRequest before, String text) {
        GenerationRequest request = before.withPrompt(text).withCount(count).withBatchSize(batchSize);
        request = negativePrompt.map(request::withNegativePrompt).orElse(request);
        request = decoding.tiling(model.lowMemory()).map(request::withTiling).orElse(request);
        request = seed.map(request::withSeed).orElse(request);
        request = width.map(request::withWidth).orElse(request);
        request = height.map(request::withHeight).orElse(request);
        request = caching.addTo(scheduler.addTo(request));
        request = eta.map(request::withEta).orElse(request);
        return upscale.addTo(sampler.addTo(prompts.addTo(variation.addTo(guidance.addTo(request))), steps));
    }
}
