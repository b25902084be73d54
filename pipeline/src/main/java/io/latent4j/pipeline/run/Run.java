package io.latent4j.pipeline.run;

import ai.djl.ndarray.types.Shape;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.LatentCodec;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.model.TextOptions;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.ImageSize;
import io.latent4j.pipeline.request.Source;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.ProcessKind;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A request with every open choice made and checked against a model.
 *
 * @param course which steps are taken, and how
 */
public record Run(
        GenerationRequest request,
        Model parts,
        List<LoraUse> adapters,
        List<AttachedControl> controls,
        int width,
        int height,
        ActiveGuidance guidance,
        SamplingPlan course,
        Optional<Canvas> canvas) {

    /**
     * Makes every open choice of a request.
     *
     * @throws IllegalArgumentException if the model cannot do what is asked, saying what it can
     */
    public static Run of(GenerationRequest request, Model parts, Attachments attached) {
        List<LoraUse> adapters =
                request.adapters().stream().map(attached::adapter).toList();
        List<AttachedControl> controls =
                request.controls().stream().map(attached::control).toList();
        RequestCheck.check(request, parts, adapters, controls);
        parts.text().check(textOptions(request), request.micro());
        ModelDefaults defaults = parts.defaults();
        Scheduler scheduler = request.sampling()
                .scheduler()
                .map(name -> Schedulers.named(name, parts.scheduler()))
                .orElseGet(() -> Schedulers.from(parts.scheduler()));
        int multiple = parts.codec(request.tiling()).sizeMultiple();
        Optional<BufferedImage> image = worksOnPart(request)
                ? Optional.empty()
                : request.source()
                        .map(Source::image)
                        .or(() -> request.controls().stream()
                                .map(ControlInput::image)
                                .findFirst())
                        .or(() -> request.prompt().references().stream()
                                .findFirst()
                                .map(reference -> ReferenceImages.fitted(reference, multiple)));
        int width = image.map(p -> below(p.getWidth(), multiple)).orElse(defaults.width());
        int height = image.map(p -> below(p.getHeight(), multiple)).orElse(defaults.height());
        int wide = side("width", request.size().width().orElse(width), multiple);
        int high = side("height", request.size().height().orElse(height), multiple);
        Optional<Canvas> canvas = request.source().map(source -> Canvas.of(source, wide, high));
        SamplingPlan course = new SamplingPlan(
                request.sampling().eta().isPresent()
                        ? scheduler.withEta(request.sampling().eta().getAsDouble())
                        : scheduler,
                request.sampling().steps().orElseGet(() -> Steps.of(defaults.steps())),
                LatentSize.of(parts.codec(request.tiling()).latentShape(1, wide, high)),
                canvas.map(c -> OptionalDouble.of(c.strength())).orElse(OptionalDouble.empty()),
                request.sampling().range(),
                parts.scheduler().trainingTimesteps(),
                parts.scheduler().kind() == ProcessKind.RECTIFIED_FLOW);
        CachingCheck.check(request, parts, scheduler, course);
        ActiveGuidance guidance = ActiveGuidance.of(request.guidance(), parts, scheduler);
        return new Run(request, parts, adapters, controls, wide, high, guidance, course, canvas);
    }

    /** The same run with another prompt. */
    Run withPrompt(String prompt) {
        return new Run(request.withPrompt(prompt), parts, adapters, controls, width, height, guidance, course, canvas);
    }

    /** The run that starts from what this one made, at a larger size, if one is asked for. */
    Optional<Run> larger() {
        return request.upscale().map(this::larger);
    }

    private Run larger(Upscale upscale) {
        int wide = larger("width", width, upscale);
        int high = larger("height", height, upscale);
        SamplingPlan plan = new SamplingPlan(
                course.scheduler(),
                upscale.steps().isPresent() ? Steps.of(upscale.steps().getAsInt()) : course.steps(),
                LatentSize.of(codec().latentShape(1, wide, high)),
                OptionalDouble.of(upscale.strength()),
                DenoisingRange.ALL,
                course.trainingTimesteps(),
                course.beginsWithin());
        return new Run(request, parts, adapters, controls, wide, high, guidance, plan, canvas);
    }

    private int larger(String what, int pixels, Upscale upscale) {
        long larger = Math.round(pixels * upscale.factor() / codec().sizeMultiple()) * codec().sizeMultiple();
        check(
                larger > pixels && larger <= ImageSize.MOST_PIXELS,
                "the upscaled " + what,
                larger,
                "above " + pixels + ", and at most " + ImageSize.MOST_PIXELS);
        return (int) larger;
    }

    private static void check(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + "; expected " + expected);
        }
    }

    /** Whether a run works on a part of the image and is of another size than it. */
    private static boolean worksOnPart(GenerationRequest request) {
        return request.source()
                .flatMap(Source::inpainting)
                .flatMap(i -> i.padding().stream().boxed().findFirst())
                .isPresent();
    }

    /** The part of the request's image that the run works on, where it is a part. */
    Optional<Rectangle> region() {
        return worksOnPart(request)
                ? canvas.flatMap(Canvas::repainting).map(Canvas.Repainting::region)
                : Optional.empty();
    }

    /** The largest multiple that is not above {@code pixels}, but one at least. */
    private static int below(int pixels, int multiple) {
        return Math.max(pixels / multiple, 1) * multiple;
    }

    public static int side(String what, int pixels, int multiple) {
        int below = pixels / multiple * multiple;
        if (pixels != below) {
            throw new IllegalArgumentException(what + " is " + pixels + "; expected a multiple of " + multiple + ", "
                    + (below > 0 ? below + " or " : "") + (below + multiple) + " for instance");
        }
        return pixels;
    }

    /** How the run reads texts. */
    TextOptions textOptions() {
        return textOptions(request);
    }

    private static TextOptions textOptions(GenerationRequest request) {
        return new TextOptions(
                request.prompt().syntax(),
                request.prompt().clipSkip(),
                request.prompt().maxTokens());
    }

    /** Between images and latents. */
    public LatentCodec codec() {
        return parts.codec(request.tiling());
    }

    /** How many pixels of a side make one of the latents'. */
    public int downscale() {
        return codec().pixelsPerLatent();
    }

    Shape latentShape(int images) {
        return codec().latentShape(images, width, height);
    }

    /** The result that an image the model made is shown as. */
    public BufferedImage finished(BufferedImage made) {
        return canvas.map(c -> c.finished(made)).orElse(made);
    }
}
