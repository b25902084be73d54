package io.latent4j.pipeline;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.SchedulerConfig;
import io.latent4j.schedulers.Schedulers;
import io.latent4j.schedulers.Steps;
import io.latent4j.textencoder.PromptEncoder;
import io.latent4j.textencoder.PromptEncoder.Readout;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.textencoder.WeightedText;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * A request with every open choice made and checked against a model.
 *
 * @param strength the part of the steps that is taken, where the run starts from a picture
 */
record Run(
        GenerationRequest request,
        Components parts,
        int width,
        int height,
        Steps steps,
        Guide guidance,
        Scheduler scheduler,
        Optional<Canvas> canvas,
        OptionalDouble strength) {

    /** @throws IllegalArgumentException if the model cannot do what is asked, saying what it can */
    static Run of(GenerationRequest request, Components parts) {
        for (LoraUse use : request.loras()) {
            if (!use.lora().isFor(parts.unet())) {
                throw new IllegalArgumentException("the adapter " + use.lora().name()
                        + " was read for another model's weights; expected one of this model, from Components.lora");
            }
        }
        for (Control control : request.controls()) {
            if (!control.net().isFor(parts)) {
                throw new IllegalArgumentException(
                        "the control network " + control.net().name()
                                + " was loaded for another model; expected one of this model, from Components.controlNet");
            }
        }
        parts.readers().forEach(reader -> encoder(reader, request, parts)); // refuses to skip layers that are not there
        ModelDefaults defaults = parts.defaults();
        Scheduler scheduler = request.scheduler()
                .map(name -> Schedulers.named(name, parts.scheduler()))
                .orElseGet(() -> Schedulers.from(parts.scheduler()));
        int multiple = parts.vae().config().downscale();
        checkPicture(request);
        Optional<BufferedImage> picture = worksOnPart(request)
                ? Optional.empty()
                : request.image()
                        .map(ImageInput::picture)
                        .or(() ->
                                request.controls().stream().map(Control::image).findFirst());
        int width = picture.map(p -> below(p.getWidth(), multiple)).orElse(defaults.width());
        int height = picture.map(p -> below(p.getHeight(), multiple)).orElse(defaults.height());
        int wide = side("width", request.width().orElse(width), multiple);
        int high = side("height", request.height().orElse(height), multiple);
        Optional<Canvas> canvas = request.image().map(image -> Canvas.of(image, request.inpainting(), wide, high));
        return new Run(
                request,
                parts,
                wide,
                high,
                request.steps().orElseGet(() -> Steps.of(defaults.steps())),
                Guide.of(request.guidance(), parts, scheduler),
                request.eta().isPresent() ? scheduler.withEta(request.eta().getAsDouble()) : scheduler,
                canvas,
                canvas.map(c -> OptionalDouble.of(c.strength())).orElse(OptionalDouble.empty()));
    }

    /** The run that starts from what this one made, at a larger size, if one is asked for. */
    Optional<Run> larger() {
        return request.upscale()
                .map(upscale -> new Run(
                        request,
                        parts,
                        larger("width", width, upscale),
                        larger("height", height, upscale),
                        upscale.steps().isPresent() ? Steps.of(upscale.steps().getAsInt()) : steps,
                        guidance,
                        scheduler,
                        canvas,
                        OptionalDouble.of(upscale.strength())));
    }

    private int larger(String what, int pixels, Upscale upscale) {
        long larger = Math.round(pixels * upscale.factor() / downscale()) * downscale();
        GenerationRequest.check(
                larger > pixels && larger <= GenerationRequest.MOST_PIXELS,
                "the upscaled " + what,
                larger,
                "above " + pixels + ", and at most " + GenerationRequest.MOST_PIXELS);
        return (int) larger;
    }

    private static void checkPicture(GenerationRequest request) {
        if (request.image().isEmpty() && request.inpainting().isPresent()) {
            throw new IllegalArgumentException("there is a mask, but no image that it belongs to; expected both");
        }
        if (request.image().isPresent() && request.upscale().isPresent()) {
            throw new IllegalArgumentException(
                    "there is an image to start from, and upscaling; expected one of them: an"
                            + " image is scaled to the width and height asked for");
        }
        if (request.upscale().isPresent() && !request.stretch().equals(Stretch.ALL)) {
            throw new IllegalArgumentException(
                    "upscaling starts from a finished picture; expected the whole way, and no"
                            + " refiner that takes over");
        }
    }

    /** Whether the run works on a part of the picture, whose size it has not. */
    private static boolean worksOnPart(GenerationRequest request) {
        return request.inpainting()
                .flatMap(i -> i.padding().stream().boxed().findFirst())
                .isPresent();
    }

    /** The largest multiple that is not above {@code pixels}, but one at least. */
    private static int below(int pixels, int multiple) {
        return Math.max(pixels / multiple, 1) * multiple;
    }

    static int side(String what, int pixels, int multiple) {
        int below = pixels / multiple * multiple;
        if (pixels != below) {
            throw new IllegalArgumentException(what + " is " + pixels + "; expected a multiple of " + multiple + ", "
                    + (below > 0 ? below + " or " : "") + (below + multiple) + " for instance");
        }
        return pixels;
    }

    String prompt() {
        return request.prompt();
    }

    String negativePrompt() {
        return request.negativePrompt();
    }

    /** What the model's text encoders make of a text, made now or for an earlier run. */
    EncodedText encoded(String text, NDManager manager) {
        return parts.texts().get(this, text, manager, () -> EncodedText.of(this, text, manager));
    }

    /** How the run reads texts out. */
    PromptEncoder encoder(TextReader reader) {
        return encoder(reader, request, parts);
    }

    private static PromptEncoder encoder(TextReader reader, GenerationRequest request, Components parts) {
        boolean xl = parts.unet().config().textTime().isPresent();
        return new PromptEncoder(reader.encoder(), xl ? Readout.PENULTIMATE : Readout.LAST, request.clipSkip());
    }

    /** A pass through a text encoder, with the request's adapters, whose arrays are {@code manager}'s. */
    Pass pass(LoraPart part, NDManager manager) {
        return Pass.inference().withAdapters(LoraUse.adapters(request.loras(), part, manager));
    }

    /** The steps, from the one that the picture's strength, or else the stretch, begins with. */
    Plan plan() {
        Stretch stretch = request.stretch();
        if (stretch.start() == 0) {
            return scheduler.plan(steps, strength.isPresent() ? skipped(strength.getAsDouble()) : 0);
        }
        Plan whole = scheduler.plan(steps);
        int gone = stepsAbove(whole, stretch.start());
        return scheduler.plan(steps, checkSteps(gone, whole.steps() - gone));
    }

    private int skipped(double strength) {
        int count = steps.count();
        int taken = (int) (count * strength);
        if (taken == 0) {
            throw new IllegalArgumentException("strength " + strength + " of " + count
                    + " steps is less than a step; expected at least " + 1.0 / count + ", or more steps");
        }
        return count - taken;
    }

    /** How many steps other models took on the way to a plan's first: a refiner goes on counting where its base ended. */
    int stepsBefore(Plan plan) {
        return request.stretch().start() == 0
                ? 0
                : plan.skipped() - (strength.isPresent() ? skipped(strength.getAsDouble()) : 0);
    }

    /** How many steps of a plan are taken. */
    int steps(Plan plan) {
        double end = request.stretch().end();
        int taken = end == 1 ? plan.steps() : stepsAbove(plan, end);
        return checkSteps(taken, taken);
    }

    private int checkSteps(int value, int steps) {
        if (steps == 0) {
            throw new IllegalArgumentException(
                    "there is no step from " + request.stretch().start() + " to "
                            + request.stretch().end() + " of the way; expected a longer stretch, or more steps");
        }
        return value;
    }

    /** How many steps begin before {@code share} of the training timesteps lie behind. */
    private int stepsAbove(Plan plan, double share) {
        long training = parts.scheduler().trainingTimesteps();
        long timestep = Math.round(training - share * training);
        int above = 0;
        while (above < plan.steps() && plan.level(above).timestep() >= timestep) {
            above++;
        }
        return above;
    }

    /** Between pictures and latents. */
    LatentCodec codec() {
        return parts.codec(request.tiling());
    }

    /** How many pixels of a side make one of the latents'. */
    int downscale() {
        return parts.vae().config().downscale();
    }

    Shape latentShape(int images) {
        return new Shape(images, parts.vae().config().latentChannels(), height / downscale(), width / downscale());
    }

    /** The result that a picture the model made is shown as. */
    BufferedImage finished(BufferedImage made) {
        return canvas.map(c -> c.finished(made)).orElse(made);
    }

    /** What of the prompts, adapters and the picture did not fit. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        warn("prompt", prompt(), warnings);
        if (guidance.active()) {
            warn("negative prompt", negativePrompt(), warnings);
        } else if (!negativePrompt().isEmpty()) {
            warnings.add("the negative prompt plays no part, because "
                    + (guidance.told()
                            ? "the model is told the guidance scale and was trained without one"
                            : "the guidance scale is " + guidance.scale() + " and not above 1"));
        }
        for (LoraUse use : request.loras()) {
            List<String> unmatched = use.lora().report().unmatched();
            if (!unmatched.isEmpty()) {
                warnings.add("the adapter " + use.lora().name() + " has " + unmatched.size() + " of "
                        + use.lora().report().layers() + " layers that this model has not, " + unmatched.get(0)
                        + " for instance; they were left out");
            }
            if (!use.idleBlocks().isEmpty()) {
                warnings.add("the adapter " + use.lora().name() + " has no layers that fit "
                        + String.join(", ", use.idleBlocks()) + "; expected patterns such as down_blocks.*");
            }
        }
        request.image()
                .map(ImageInput::picture)
                .filter(p -> !worksOnPart(request))
                .ifPresent(picture -> warnScaled("the image", picture, warnings));
        request.controls().forEach(control -> warnScaled("the control image", control.image(), warnings));
        return warnings;
    }

    private void warnScaled(String what, BufferedImage picture, List<String> warnings) {
        if (picture.getWidth() != width || picture.getHeight() != height) {
            warnings.add(what + " is " + picture.getWidth() + "x" + picture.getHeight() + " and was scaled to " + width
                    + "x" + height);
        }
    }

    private void warn(String what, String text, List<String> warnings) {
        if (request.promptSyntax() == PromptSyntax.WEIGHTED) {
            return; // which leaves nothing out
        }
        int limit = parts.tokenizer().maxLength() - 2;
        parts.tokenizer()
                .encode(text, parts.readers().get(0).words())
                .cut()
                .ifPresent(cut -> warnings.add("the " + what + " has more than " + limit
                        + " tokens; this part was left out: \"" + cut + "\""));
    }

    /** How image {@code i} was made, in the form other tools read. */
    String parameters(int i) {
        String tags = request.loras().stream().map(LoraUse::tag).collect(Collectors.joining(" "));
        StringBuilder text =
                new StringBuilder(tags.isEmpty() ? prompt() : (prompt() + " " + tags).strip()).append('\n');
        if (!negativePrompt().isEmpty()) {
            text.append("Negative prompt: ").append(negativePrompt()).append('\n');
        }
        text.append("Steps: ").append(steps.count());
        text.append(", Sampler: ").append(Schedulers.title(schedulerName()));
        text.append(", CFG scale: ").append(number(guidance.scale()));
        text.append(", Seed: ").append(request.seed(i)).append(request.variationOf(i));
        text.append(", Size: ").append(width).append('x').append(height);
        text.append(", Model: ").append(parts.name());
        append(guidance.guidance(), text);
        if (request.clipSkip() > 1) {
            text.append(", Clip skip: ").append(request.clipSkip());
        }
        if (readsWhatOthersWouldNot(prompt()) || readsWhatOthersWouldNot(negativePrompt())) {
            text.append(", Prompt syntax: plain");
        }
        request.inpainting().ifPresent(part -> text.append(", Mask blur: ").append(part.blur()));
        request.controls()
                .forEach(c -> text.append(", ControlNet: ")
                        .append(c.net().name())
                        .append(" (")
                        .append(number(c.scale()))
                        .append(')'));
        larger().ifPresent(large -> text.append(", Hires upscale: ")
                .append(number(request.upscale().orElseThrow().factor()))
                .append(", Hires steps: ")
                .append(large.steps.count())
                .append(", Hires upscaler: ")
                .append(request.upscale().orElseThrow().by().title())
                .append(", Denoising strength: ")
                .append(number(large.strength.orElseThrow())));
        canvas.ifPresent(c -> text.append(", Denoising strength: ").append(number(c.strength())));
        request.eta().ifPresent(eta -> text.append(", Eta: ").append(number(eta)));
        text.append(sampling(steps, parts.scheduler()));
        if (request.tiling().cuts(width, height)) {
            text.append(", VAE tile: ").append(request.tiling().side());
        }
        return text.append(", Version: latent4j").toString();
    }

    private static void append(Guidance guidance, StringBuilder text) {
        if (guidance.rescale() > 0) {
            text.append(", CFG rescale: ").append(number(guidance.rescale()));
        }
        if (guidance.start() > 0) {
            text.append(", CFG start: ").append(number(guidance.start()));
        }
        if (guidance.end() < 1) {
            text.append(", CFG end: ").append(number(guidance.end()));
        }
        if (guidance.plusPlus()) {
            text.append(", CFG++: true");
        }
        guidance.thresholding()
                .ifPresent(p -> text.append(", Dynamic thresholding: ").append(number(p)));
        if (guidance.perturbed().scale() > 0) {
            text.append(", PAG scale: ").append(number(guidance.perturbed().scale()));
            text.append(", PAG layers: ")
                    .append(String.join(" ", guidance.perturbed().layers()));
        }
    }

    /** Whether the text is taken as it is written, where other tools would see weights, or more than the model reads. */
    private boolean readsWhatOthersWouldNot(String text) {
        return request.promptSyntax() == PromptSyntax.PLAIN
                && (WeightedText.isMarked(text)
                        || parts.tokenizer()
                                .encode(text, parts.readers().get(0).words())
                                .cut()
                                .isPresent());
    }

    /** What beside its name and number of steps makes a sampler what it was. */
    static String sampling(Steps steps, SchedulerConfig scheduler) {
        StringBuilder text = new StringBuilder();
        if (steps instanceof Steps.Timesteps list) {
            text.append(", Timesteps: ").append(numbers(list.timesteps()));
        }
        if (steps instanceof Steps.Sigmas list) {
            text.append(", Sigmas: ").append(numbers(list.sigmas()));
        }
        if (!scheduler.settings().isEmpty()) {
            text.append(", Sampler settings: ")
                    .append(scheduler.settings().entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue().replace(",", ""))
                            .collect(Collectors.joining(" ")));
        }
        return text.toString();
    }

    /** With blanks between them, as commas separate what {@link #parameters} tells. */
    private static String numbers(List<Double> numbers) {
        return numbers.stream().map(Run::number).collect(Collectors.joining(" "));
    }

    private String schedulerName() {
        return request.scheduler().or(parts.scheduler()::className).orElseThrow();
    }

    static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }
}
