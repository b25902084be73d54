package io.latent4j.service.job;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.config.Shown;
import io.latent4j.lora.StrengthSchedule;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.Batch;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.Expansion;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.pipeline.request.Prompt;
import io.latent4j.pipeline.request.Sampling;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.textencoder.PromptSyntax;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Reads the JSON form of jobs, all wrong keys at once: the counterpart of {@link JobWriter}. */
final class JobReader {
    private static final String NAME = "the job";
    private static final int MOST_LETTERS = 1 << 20;
    private static final Bounds SHARE = Bounds.of(0, 1);
    private static final Bounds FINITE = Bounds.finite();
    private static final Bounds POSITIVE = Bounds.atLeast(1);

    private final List<String> problems = new ArrayList<>();

    private JobReader() {}

    static JobSpec read(String text) {
        return new JobReader().job(config(text));
    }

    private static Config config(String text) {
        if (text.length() > MOST_LETTERS) {
            throw new InvalidJobException(
                    NAME + " has " + text.length() + " letters; expected at most " + MOST_LETTERS);
        }
        try {
            return Config.parseJson(NAME, text);
        } catch (IllegalArgumentException e) {
            throw new InvalidJobException(e.getMessage() + ", {\"prompt\": \"a boat\"} for instance", e);
        }
    }

    private JobSpec job(Config config) {
        try {
            JobSpec job = config.collect(this::all);
            if (problems.isEmpty()) {
                return job;
            }
        } catch (IllegalArgumentException e) {
            problems.add(0, e.getMessage());
        }
        throw new InvalidJobException(String.join("; ", problems));
    }

    private JobSpec all(Config config) {
        GenerationRequest request = new GenerationRequest("")
                .withPrompt(prompt(config))
                .withSampling(sampling(config))
                .withGuidance(config.object("guidance").map(this::guidance).orElse(Guidance.DEFAULT))
                .withBatch(batch(config))
                .withSize(new ImageSize(
                        integer(config, "width", Bounds.of(1, ImageSize.MOST_PIXELS)),
                        integer(config, "height", Bounds.of(1, ImageSize.MOST_PIXELS))))
                .withAdapters(
                        config.sections("adapters").stream().map(this::adapter).toList())
                .withTiling(config.object("tiling").map(this::tiling).orElse(Tiling.AUTO));
        request = config.object("micro")
                .map(this::micro)
                .map(request::withMicroConditioning)
                .orElse(request);
        request = config.object("upscale")
                .map(this::upscale)
                .map(request::withUpscale)
                .orElse(request);
        Optional<String> model = config.optionalText("model");
        Optional<SourceFiles> source = config.object("source").flatMap(this::source);
        List<ControlFile> controls =
                config.sections("controls").stream().map(this::control).toList();
        List<Path> references = config.paths("references");
        Optional<RefinerUse> refiner = config.object("refiner").flatMap(this::refiner);
        List<EmbeddingFile> embeddings = config.sections("embeddings").stream()
                .map(each -> new EmbeddingFile(each.requiredPath("file"), each.optionalText("word")))
                .toList();
        Map<String, String> settings = settings(config.section("scheduler_settings"));
        Optional<String> preview = config.optionalText("preview");
        config.refuseTheRest();
        GenerationRequest asked = request;
        return made(
                NAME,
                () -> new JobSpec(model, asked, source, controls, references, refiner, embeddings, settings, preview),
                new JobSpec(new GenerationRequest("")));
    }

    /** A value whose parts are read; what it refuses of them together is noted, and {@code instead} takes its place. */
    private <T> T made(String where, Supplier<T> value, T instead) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            problems.add(where + ": " + e.getMessage());
            return instead;
        }
    }

    private static Prompt prompt(Config config) {
        return new Prompt(
                config.text("prompt", ""),
                config.text("negative_prompt", ""),
                config.choice("prompt_syntax", PromptSyntax.WEIGHTED),
                config.integer("clip_skip", POSITIVE, 1),
                config.has("max_tokens")
                        ? OptionalInt.of(config.integer("max_tokens", POSITIVE, 1))
                        : OptionalInt.empty(),
                List.of());
    }

    private Sampling sampling(Config config) {
        Optional<String> scheduler = config.optionalText("scheduler");
        made(NAME, () -> scheduler.map(Schedulers::title), Optional.empty());
        return new Sampling(scheduler, steps(config), real(config, "eta", SHARE), range(config), caching(config));
    }

    private StepCaching caching(Config config) {
        return config.optionalText("cache")
                .map(text -> made(config.name() + ": cache", () -> StepCaching.parse(text), StepCaching.NONE))
                .orElse(StepCaching.NONE);
    }

    private Optional<Steps> steps(Config config) {
        List<Supplier<Steps>> given = new ArrayList<>();
        OptionalInt count = integer(config, "steps", POSITIVE);
        count.ifPresent(steps -> given.add(() -> Steps.of(steps)));
        List<Double> timesteps = config.reals("timesteps", Bounds.atLeast(0), List.of());
        if (config.has("timesteps")) {
            given.add(() -> Steps.atTimesteps(timesteps));
        }
        List<Double> sigmas = config.reals("sigmas", Bounds.atLeast(0), List.of());
        if (config.has("sigmas")) {
            given.add(() -> Steps.atSigmas(sigmas));
        }
        if (given.size() > 1) {
            problems.add(NAME + ": steps, timesteps and sigmas exclude each other; expected one");
        }
        return given.isEmpty()
                ? Optional.empty()
                : made(NAME, () -> Optional.of(given.get(0).get()), Optional.empty());
    }

    private DenoisingRange range(Config config) {
        List<Double> ends = config.reals("range", SHARE, 2, List.of(0.0, 1.0));
        return made(config.name() + ": range", () -> new DenoisingRange(ends.get(0), ends.get(1)), DenoisingRange.ALL);
    }

    private Guidance guidance(Config config) {
        OptionalDouble scale = real(config, "scale", Bounds.of(0, Guidance.MOST_SCALE));
        double trueScale = config.real("true_scale", Bounds.of(0, Guidance.MOST_SCALE), 1);
        OptionalDouble limit = real(config, "limit", Bounds.positive(Guidance.MOST_SCALE));
        double rescale = config.real("rescale", SHARE, 0);
        double start = config.real("start", SHARE, 0);
        double end = config.real("end", SHARE, 1);
        OptionalDouble thresholding = real(config, "thresholding", Bounds.positive(1));
        boolean plusPlus = config.flag("plus_plus", false);
        PerturbedAttention perturbed =
                config.object("perturbed").map(this::perturbed).orElse(PerturbedAttention.NONE);
        return made(
                config.name(),
                () -> new Guidance(scale, trueScale, rescale, start, end, thresholding, plusPlus, limit, perturbed),
                Guidance.DEFAULT);
    }

    private PerturbedAttention perturbed(Config config) {
        double scale = config.real("scale", Bounds.of(0, Guidance.MOST_SCALE), 0);
        List<String> layers = config.texts("layers", PerturbedAttention.NONE.layers());
        return made(config.name(), () -> new PerturbedAttention(scale, layers), PerturbedAttention.NONE);
    }

    private Batch batch(Config config) {
        Optional<Variation> variation = config.object("variation")
                .map(way -> new Variation(way.unsigned("seed").orElse(0), way.real("strength", SHARE, 0)));
        int count = config.integer("count", POSITIVE, 1);
        int batchSize = config.integer("batch_size", POSITIVE, 1);
        return made(NAME, () -> new Batch(config.unsigned("seed"), variation, count, batchSize), Batch.ONE);
    }

    private Optional<SourceFiles> source(Config config) {
        SourceFiles whole = new SourceFiles(config.requiredPath("image"));
        OptionalDouble strength = real(config, "strength", Bounds.positive(1));
        Optional<MaskFile> mask = config.object("mask")
                .map(each -> new MaskFile(
                        each.requiredPath("image"),
                        each.integer("blur", Bounds.of(0, MaskFile.MOST_BLUR), 0),
                        integer(each, "padding", Bounds.of(0, MaskFile.MOST_PADDING))));
        Optional<Expansion> expansion = config.object("expansion").flatMap(this::expansion);
        return made(
                config.name(),
                () -> Optional.of(new SourceFiles(whole.image(), strength, mask, expansion)),
                Optional.empty());
    }

    private Optional<Expansion> expansion(Config config) {
        int left = config.integer("left", 0);
        int top = config.integer("top", 0);
        int right = config.integer("right", 0);
        int bottom = config.integer("bottom", 0);
        return made(config.name(), () -> Optional.of(new Expansion(left, top, right, bottom)), Optional.empty());
    }

    private AdapterUse adapter(Config config) {
        String name = config.text("name");
        double strength = config.real("strength", FINITE, 1);
        double textStrength = config.real("text_strength", FINITE, strength);
        Map<String, Double> blocks = config.numbers("blocks", FINITE);
        StrengthSchedule schedule = schedule(config);
        return made(
                config.name(),
                () -> new AdapterUse(name, strength, textStrength, blocks, schedule),
                new AdapterUse(name));
    }

    private StrengthSchedule schedule(Config config) {
        Map<Double, Double> points = new LinkedHashMap<>();
        config.numbers("schedule", FINITE).forEach((at, factor) -> {
            try {
                points.put(Double.valueOf(at), factor);
            } catch (NumberFormatException e) {
                problems.add(config.name() + ": schedule has the key " + Shown.text(at)
                        + "; expected a fraction of the denoising trajectory, 0 to 1");
            }
        });
        return made(config.name(), () -> StrengthSchedule.of(points), StrengthSchedule.CONSTANT);
    }

    private ControlFile control(Config config) {
        return new ControlFile(
                config.text("name"),
                config.requiredPath("image"),
                config.real("scale", Bounds.of(0, ControlFile.MOST_SCALE), 1),
                range(config),
                config.flag("guess", false));
    }

    private MicroConditioning micro(Config config) {
        MicroConditioning usual = MicroConditioning.of(1, 1);
        return new MicroConditioning(
                sizes(config.section("sizes")),
                sizes(config.section("negative_sizes")),
                config.real("aesthetic_score", FINITE, usual.aestheticScore()),
                config.real("negative_aesthetic_score", FINITE, usual.negativeAestheticScore()));
    }

    private static Sizes sizes(Config config) {
        Bounds crop = Bounds.atLeast(0);
        return new Sizes(
                config.integer("original_width", POSITIVE),
                config.integer("original_height", POSITIVE),
                config.integer("crop_left", crop, 0),
                config.integer("crop_top", crop, 0),
                config.integer("target_width", POSITIVE),
                config.integer("target_height", POSITIVE));
    }

    private Upscale upscale(Config config) {
        double factor = config.real("factor", FINITE, 2);
        double strength = config.real("strength", Bounds.positive(1), new Upscale(2).strength());
        OptionalInt steps = integer(config, "steps", POSITIVE);
        Upscaler by = config.choice("by", Upscaler.PIXELS);
        return made(config.name(), () -> new Upscale(factor, strength, steps, by), new Upscale(2));
    }

    private Tiling tiling(Config config) {
        int side = config.integer("side", Tiling.AUTO.side());
        long above = config.unsigned("above").orElse(Tiling.AUTO.above());
        return made(config.name(), () -> new Tiling(above, side), Tiling.AUTO);
    }

    private Optional<RefinerUse> refiner(Config config) {
        String model = config.text("model");
        double from = config.real("from", SHARE, new RefinerUse("").from());
        return made(config.name(), () -> Optional.of(new RefinerUse(model, from)), Optional.empty());
    }

    private static Map<String, String> settings(Config config) {
        Map<String, String> settings = new LinkedHashMap<>();
        config.keys().forEach(key -> settings.put(key, config.text(key)));
        return settings;
    }

    private static OptionalInt integer(Config config, String key, Bounds bounds) {
        return config.has(key)
                ? OptionalInt.of(config.integer(key, bounds, Math.max(1, (int) bounds.least())))
                : OptionalInt.empty();
    }

    private static OptionalDouble real(Config config, String key, Bounds bounds) {
        return config.optionalReal(key, bounds).map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }
}
