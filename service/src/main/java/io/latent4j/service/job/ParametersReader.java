package io.latent4j.service.job;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableListMultimap;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.Parameters;
import io.latent4j.pipeline.request.PerturbedAttention;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.StepCaching;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import io.latent4j.pipeline.request.Variation;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.textencoder.PromptSyntax;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes a job of the parameters text of an image, as latent4j and other tools write it. */
final class ParametersReader {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*[xX]\\s*(\\d{1,9})");
    private static final Pattern HASH = Pattern.compile("(.+?)\\s*\\[[0-9a-f]{6,64}]");
    private static final Pattern SPACING_SETTING = Pattern.compile("use_\\w+_(sigmas|lambdas)");

    /** Settings that tell of the tool and the files, and change nothing. */
    private static final Set<String> NOTES =
            Set.of("Version", "Model hash", "VAE hash", "Lora hashes", "TI hashes", "Hashes");

    /** What other tools call the spacing that a method has of its own. */
    private static final Set<String> OWN_SPACING = Set.of("automatic", "normal");

    private static final String SDE = " SDE";

    private static final Set<String> OF_MASK = Set.of("Mask blur", "Masked area padding");

    private final ImmutableListMultimap<String, String> settings;
    private final Set<String> read = new LinkedHashSet<>();
    private final Set<String> missing = new LinkedHashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private GenerationRequest request;

    private ParametersReader(Parameters parameters) {
        settings = parameters.settings();
        request = new GenerationRequest(parameters.prompt()).withNegativePrompt(parameters.negativePrompt());
    }

    static RecreatedJob read(String text) {
        try {
            return new ParametersReader(Parameters.parse(text)).job();
        } catch (InvalidJobException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            String reason = Shown.sentence(String.valueOf(e.getMessage()));
            throw new InvalidJobException(reason.contains("parameters") ? reason : "the parameters: " + reason, e);
        }
    }

    private RecreatedJob job() {
        set("Clip skip", Integer::valueOf, GenerationRequest::withClipSkip);
        set("Max tokens", Integer::valueOf, GenerationRequest::withMaxTokens);
        set("Prompt syntax", ParametersReader::syntax, GenerationRequest::withPromptSyntax);
        Map<String, String> chosen = chosen();
        sampling(chosen);
        set("Cache", StepCaching::parse, GenerationRequest::withCaching);
        guidance();
        set("Seed", Long::parseUnsignedLong, GenerationRequest::withSeed);
        variation();
        set("Size", ParametersReader::size, GenerationRequest::withSize);
        set("VAE tile", Integer::valueOf, (all, side) -> all.withTiling(Tiling.of(side)));
        micro();
        OptionalDouble strength = value("Denoising strength", Double::valueOf)
                .map(OptionalDouble::of)
                .orElseGet(OptionalDouble::empty);
        boolean larger = upscale(strength);
        JobSpec job = new JobSpec(request).withSchedulerSettings(chosen);
        job = value("Model", ParametersReader::model).map(job::withModel).orElse(job);
        job = refiner().map(job::withRefiner).orElse(job);
        if (!larger && strength.isPresent()) {
            missing.add("an image to start from");
        }
        warnOfTheRest();
        return new RecreatedJob(job, larger ? OptionalDouble.empty() : strength, List.copyOf(missing), warnings);
    }

    /** The value of a setting; what {@code reader} refuses is left out with a warning. */
    private <T> Optional<T> value(String name, Function<String, T> reader) {
        read.add(name);
        return settings.get(name).stream().findFirst().flatMap(text -> {
            try {
                return Optional.of(reader.apply(text));
            } catch (IllegalArgumentException e) {
                leaveOut(name, text, e);
                return Optional.empty();
            }
        });
    }

    private void leaveOut(String name, String text, IllegalArgumentException e) {
        String reason = e instanceof NumberFormatException ? "expected a number" : e.getMessage();
        warn(name + " is " + quoted(text) + ", " + reason + "; it is left out");
    }

    private void warn(String sentence) {
        warnings.add(Shown.sentence(sentence));
    }

    private static String quoted(String text) {
        return '"' + Shown.text(text) + '"';
    }

    /** Changes the request by a setting, if it is there and can be followed. */
    private <T> void set(
            String name, Function<String, T> reader, BiFunction<GenerationRequest, T, GenerationRequest> change) {
        value(name, text -> change.apply(request, reader.apply(text))).ifPresent(changed -> request = changed);
    }

    private static PromptSyntax syntax(String text) {
        return PromptSyntax.valueOf(text.toUpperCase(Locale.ROOT));
    }

    private static ImageSize size(String text) {
        List<Integer> sides = sides(text);
        return ImageSize.of(sides.get(0), sides.get(1));
    }

    private static List<Integer> sides(String text) {
        Matcher sides = SIZE.matcher(text);
        if (!sides.matches()) {
            throw new IllegalArgumentException("expected WIDTHxHEIGHT");
        }
        return List.of(Integer.valueOf(sides.group(1)), Integer.valueOf(sides.group(2)));
    }

    private static List<Double> numbers(String text) {
        return Splitter.on(' ')
                .omitEmptyStrings()
                .splitToStream(text)
                .map(Double::valueOf)
                .toList();
    }

    /** A model's name without the hash that some tools write behind it. */
    private static String model(String text) {
        Matcher hashed = HASH.matcher(text);
        String name = hashed.matches() ? hashed.group(1) : text;
        return EmbeddedModel.title().filter(name::equals).isPresent() ? ModelRegistry.EMBEDDED : name;
    }

    private Map<String, String> chosen() {
        Map<String, String> chosen = new LinkedHashMap<>();
        value("Sampler settings", text -> Splitter.on(' ').omitEmptyStrings().splitToList(text))
                .orElse(List.of())
                .forEach(each -> {
                    int equals = each.indexOf('=');
                    if (equals > 0) {
                        chosen.put(each.substring(0, equals), each.substring(equals + 1));
                    } else {
                        warn("Sampler settings has " + quoted(each) + ", expected KEY=VALUE; it is left out");
                    }
                });
        return chosen;
    }

    /** @param chosen settings, which may set the spacing that the sampler's name tells too */
    private void sampling(Map<String, String> chosen) {
        Optional<String> name = value("Sampler", text -> sampler(text, chosen));
        Optional<String> spacing = value("Schedule type", Function.identity())
                .filter(text -> !OWN_SPACING.contains(text.toLowerCase(Locale.ROOT)));
        if (name.isPresent() && spacing.isPresent()) {
            String both = name.get() + " " + spacing.get();
            try {
                Schedulers.title(both);
                name = Optional.of(both);
            } catch (IllegalArgumentException e) {
                leaveOut("Schedule type", spacing.get(), e);
            }
        }
        name.ifPresent(known -> request = request.withScheduler(known));
        Optional<Steps> count = value("Steps", text -> Steps.of(Integer.parseInt(text)));
        Optional<Steps> timesteps = value("Timesteps", text -> Steps.atTimesteps(numbers(text)));
        Optional<Steps> sigmas = value("Sigmas", text -> Steps.atSigmas(numbers(text)));
        timesteps.or(() -> sigmas).or(() -> count).ifPresent(steps -> request = request.withSteps(steps));
        set("Eta", Double::valueOf, GenerationRequest::withEta);
    }

    private static String sampler(String text, Map<String, String> chosen) {
        Schedulers.title(text); // refuses unknown names
        if (chosen.containsKey("algorithm_type") && text.endsWith(SDE)) {
            return text.substring(0, text.length() - SDE.length());
        }
        boolean spaced = chosen.keySet().stream()
                .anyMatch(key -> SPACING_SETTING.matcher(key).matches());
        if (spaced) {
            for (String word : Schedulers.spacings()) {
                if (text.toLowerCase(Locale.ROOT).endsWith(" " + word)) {
                    return text.substring(0, text.length() - word.length() - 1);
                }
            }
        }
        return text;
    }

    private void guidance() {
        setGuidance("CFG scale", (guidance, scale) -> guidance.withScale(scale));
        setGuidance("True CFG scale", (guidance, scale) -> guidance.withTrueScale(scale));
        setGuidance("CFG limit", (guidance, limit) -> guidance.withLimit(limit));
        setGuidance("CFG rescale", (guidance, rescale) -> guidance.withRescale(rescale));
        setGuidance("CFG start", (guidance, start) -> guidance.between(start, guidance.end()));
        setGuidance("CFG end", (guidance, end) -> guidance.between(guidance.start(), end));
        setGuidance("Dynamic thresholding", (guidance, quantile) -> guidance.withThresholding(quantile));
        set(
                "CFG++",
                Boolean::valueOf,
                (all, plus) -> plus ? all.withGuidance(all.guidance().withPlusPlus()) : all);
        Optional<List<String>> layers =
                value("PAG layers", text -> Splitter.on(' ').splitToList(text));
        setGuidance(
                "PAG scale",
                (guidance, scale) -> guidance.withPerturbed(layers.map(named -> new PerturbedAttention(scale, named))
                        .orElseGet(() -> new PerturbedAttention(scale))));
    }

    private void setGuidance(String name, BiFunction<Guidance, Double, Guidance> change) {
        set(name, Double::valueOf, (all, number) -> all.withGuidance(change.apply(all.guidance(), number)));
    }

    private void variation() {
        long seed = value("Variation seed", Long::parseUnsignedLong).orElse(0L);
        set(
                "Variation seed strength",
                Double::valueOf,
                (all, strength) -> all.withVariation(new Variation(seed, strength)));
    }

    private void micro() {
        Optional<Sizes> sizes = sizes("");
        Optional<Sizes> negative = sizes("Negative ");
        sizes.ifPresent(
                own -> request = request.withMicroConditioning(new MicroConditioning(own, negative.orElse(own))));
    }

    private Optional<Sizes> sizes(String whose) {
        Optional<List<Integer>> original = value(whose + "Original size", ParametersReader::sides);
        List<Integer> crop = value(whose + "Crop", ParametersReader::sides).orElse(List.of(0, 0));
        Optional<List<Integer>> target = value(whose + "Target size", ParametersReader::sides);
        return original.flatMap(from -> {
            List<Integer> to = target.orElse(from);
            try {
                return Optional.of(new Sizes(from.get(0), from.get(1), crop.get(0), crop.get(1), to.get(0), to.get(1)));
            } catch (IllegalArgumentException e) {
                leaveOut(whose + "Original size", from.get(0) + "x" + from.get(1), e);
                return Optional.empty();
            }
        });
    }

    /** Whether there is a second run at a larger size. */
    private boolean upscale(OptionalDouble strength) {
        Optional<Double> factor = value("Hires upscale", Double::valueOf).or(() -> value("Hires resize", this::factor));
        read.add("Hires resize");
        Optional<Integer> steps = value("Hires steps", Integer::valueOf).filter(count -> count > 0);
        Optional<Upscaler> by = value("Hires upscaler", ParametersReader::upscaler);
        if (factor.isEmpty()) {
            return false;
        }
        try {
            request = request.withUpscale(new Upscale(
                    factor.get(),
                    strength.orElse(new Upscale(2).strength()),
                    steps.map(OptionalInt::of).orElseGet(OptionalInt::empty),
                    by.orElse(Upscaler.PIXELS)));
        } catch (IllegalArgumentException e) {
            leaveOut("Hires upscale", factor.get().toString(), e);
        }
        return true;
    }

    /** The factor from the request's size to a larger one of its shape. */
    private double factor(String text) {
        List<Integer> larger = sides(text);
        int width = request.size().width().orElse(0);
        int height = request.size().height().orElse(0);
        if (width == 0 || (long) larger.get(0) * height != (long) larger.get(1) * width) {
            throw new IllegalArgumentException("expected the proportions of Size");
        }
        return larger.get(0) / (double) width;
    }

    private static Upscaler upscaler(String text) {
        return Arrays.stream(Upscaler.values())
                .filter(upscaler -> upscaler.title().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("which is not known here"));
    }

    private Optional<RefinerUse> refiner() {
        Optional<Double> from = value("Refiner switch at", Double::valueOf);
        return value("Refiner", text -> {
            RefinerUse refiner = new RefinerUse(model(text));
            return from.map(at -> new RefinerUse(refiner.model(), at)).orElse(refiner);
        });
    }

    private void warnOfTheRest() {
        settings.asMap().forEach((name, values) -> {
            if (OF_MASK.contains(name)) {
                missing.add("a mask");
            } else if (name.startsWith("ControlNet")) { // which other tools number
                values.forEach(value -> missing.add("a control image of " + Shown.text(value)));
            } else if (!read.contains(name) && !NOTES.contains(name)) {
                values.forEach(value ->
                        warn(Shown.text(name) + " is " + quoted(value) + ", which is not understood; it is left out"));
            }
        });
    }
}
