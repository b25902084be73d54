package io.latent4j.pipeline.request;

import io.latent4j.core.random.NoiseSource;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.ModelDefaults;
import io.latent4j.pipeline.run.ParametersText;
import io.latent4j.schedulers.Steps;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What to make. What is left open is the model's choice: see {@link ModelDefaults}.
 *
 * @param prompt what the image shows; may be empty
 * @param negativePrompt what it does not show; plays a part where guidance is above 1. SDXL tells an empty one, which is
 *     none at all, from a blank one, which is a text
 * @param width in pixels, a multiple of the model's step (8 in Stable Diffusion), at most 16384
 * @param height in pixels, likewise
 * @param steps denoising steps, 1 to the number of the model's training steps, or the timesteps or noise levels to visit
 * @param guidance how strongly the prompt pulls, and how
 * @param scheduler the sampling method by name, {@code "euler a"} for instance; the model's own if empty
 * @param eta the share of fresh noise in DDIM's and TCD's steps, 0 to 1; the method's own if empty
 * @param seed of the first image; image i has seed + i, unless there is a variation
 * @param variation towards what other images to go; empty for none
 * @param count how many images
 * @param batchSize how many of them are made at a time; the images are the same whatever it is
 * @param loras adapters, which add up; they must be open until the images are made
 * @param image the image to start from; empty to start from noise
 * @param inpainting which part of the image to repaint; empty for all of it
 * @param micro what SDXL is told besides the text; an image neither scaled nor cut if empty
 * @param stretch the part of the way from noise to the image that is gone
 * @param upscale a second run at a larger size; empty for none
 * @param controls images that steer the run through control networks, which add up
 * @param promptSyntax how both prompts are read
 * @param clipSkip 1 to read the text encoders' own layer, 2 for the one before it, and so on
 * @param tiling which images go through the autoencoder in tiles
 */
public record GenerationRequest(
        String prompt,
        String negativePrompt,
        OptionalInt width,
        OptionalInt height,
        Optional<Steps> steps,
        Guidance guidance,
        Optional<String> scheduler,
        OptionalDouble eta,
        long seed,
        Optional<Variation> variation,
        int count,
        int batchSize,
        List<LoraUse> loras,
        Optional<ImageInput> image,
        Optional<Inpainting> inpainting,
        Optional<MicroConditioning> micro,
        DenoisingRange stretch,
        Optional<Upscale> upscale,
        List<ControlInput> controls,
        PromptSyntax promptSyntax,
        int clipSkip,
        Tiling tiling) {
    private static final int MOST_IMAGES = 10_000;
    public static final int MOST_PIXELS = 16_384;

    public GenerationRequest {
        loras = List.copyOf(loras);
        controls = List.copyOf(controls);
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(negativePrompt, "negativePrompt");
        Objects.requireNonNull(guidance, "guidance");
        Objects.requireNonNull(scheduler, "scheduler");
        Objects.requireNonNull(variation, "variation");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(inpainting, "inpainting");
        Objects.requireNonNull(micro, "micro");
        Objects.requireNonNull(stretch, "stretch");
        Objects.requireNonNull(upscale, "upscale");
        Objects.requireNonNull(promptSyntax, "promptSyntax");
        check(clipSkip > 0, "clip skip", clipSkip, "1 or more");
        Objects.requireNonNull(tiling, "tiling");
        width.ifPresent(w -> check(w > 0 && w <= MOST_PIXELS, "width", w, "1 to " + MOST_PIXELS));
        height.ifPresent(h -> check(h > 0 && h <= MOST_PIXELS, "height", h, "1 to " + MOST_PIXELS));
        steps.ifPresent(s -> check(s.count() > 0, "steps", s.count(), "1 or more"));
        eta.ifPresent(e -> check(e >= 0 && e <= 1, "eta", e, "0 to 1"));
        check(count > 0 && count <= MOST_IMAGES, "count", count, "1 to " + MOST_IMAGES);
        check(batchSize > 0, "batch size", batchSize, "1 or more");
    }

    /** One image of {@code prompt}, seed 0, everything else the model's choice. */
    public GenerationRequest(String prompt) {
        this(
                prompt,
                "",
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Guidance.DEFAULT,
                Optional.empty(),
                OptionalDouble.empty(),
                0,
                Optional.empty(),
                1,
                1,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                DenoisingRange.ALL,
                Optional.empty(),
                List.of(),
                PromptSyntax.PLAIN,
                1,
                Tiling.AUTO);
    }

    public static void check(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + "; expected " + expected);
        }
    }

    /** This request with another prompt. */
    public GenerationRequest withPrompt(String prompt) {
        return with(draft -> draft.prompt = prompt);
    }

    /** This request with this negative prompt. */
    public GenerationRequest withNegativePrompt(String negativePrompt) {
        return with(draft -> draft.negativePrompt = negativePrompt);
    }

    /** This request with this width and height in pixels. */
    public GenerationRequest withSize(int width, int height) {
        return withWidth(width).withHeight(height);
    }

    /** This request with this width in pixels. */
    public GenerationRequest withWidth(int width) {
        return with(draft -> draft.width = OptionalInt.of(width));
    }

    /** This request with this height in pixels. */
    public GenerationRequest withHeight(int height) {
        return with(draft -> draft.height = OptionalInt.of(height));
    }

    /** This request with this many denoising steps. */
    public GenerationRequest withSteps(int steps) {
        return withSteps(Steps.of(steps));
    }

    /** This request with these denoising steps: so many, or at a list of timesteps or sigmas. */
    public GenerationRequest withSteps(Steps steps) {
        return with(draft -> draft.steps = Optional.of(steps));
    }

    /** This request with this guidance scale. */
    public GenerationRequest withGuidanceScale(double guidanceScale) {
        return withGuidance(guidance.withScale(guidanceScale));
    }

    /** This request with this part of the contrast restored. */
    public GenerationRequest withGuidanceRescale(double guidanceRescale) {
        return withGuidance(guidance.withRescale(guidanceRescale));
    }

    /** This request guided so. */
    public GenerationRequest withGuidance(Guidance guidance) {
        return with(draft -> draft.guidance = guidance);
    }

    /** This request with the sampling method of this name. */
    public GenerationRequest withScheduler(String scheduler) {
        return with(draft -> draft.scheduler = Optional.of(scheduler));
    }

    /** This request with this share of fresh noise, for methods that have it: DDIM and TCD. 0 is none at all. */
    public GenerationRequest withEta(double eta) {
        return with(draft -> draft.eta = OptionalDouble.of(eta));
    }

    /** This request with this seed for its first image. */
    public GenerationRequest withSeed(long seed) {
        return with(draft -> draft.seed = seed);
    }

    /** This request on the way to other images. */
    public GenerationRequest withVariation(Variation variation) {
        return with(draft -> draft.variation = Optional.of(variation));
    }

    /** This request for this many images. */
    public GenerationRequest withCount(int count) {
        return with(draft -> draft.count = count);
    }

    /** This request made this many images at a time. */
    public GenerationRequest withBatchSize(int batchSize) {
        return with(draft -> draft.batchSize = batchSize);
    }

    /** This request with these adapters and no others. */
    public GenerationRequest withLoras(List<LoraUse> loras) {
        return with(draft -> draft.loras = loras);
    }

    /** This request starting from {@code image}; its strength is that of the image before it, if there was one. */
    public GenerationRequest withImage(BufferedImage image) {
        OptionalDouble strength = this.image.map(ImageInput::strength).orElseGet(OptionalDouble::empty);
        return with(draft -> draft.image = Optional.of(new ImageInput(image, strength)));
    }

    /**
     * This request with this part of the steps taken from its image on: see {@link ImageInput}.
     *
     * @throws IllegalArgumentException if there is no image
     */
    public GenerationRequest withStrength(double strength) {
        ImageInput from = image.orElseThrow(() -> new IllegalArgumentException(
                "strength is " + strength + ", but there is no image to start from; expected one before it"));
        return with(draft -> draft.image = Optional.of(new ImageInput(from.image(), OptionalDouble.of(strength))));
    }

    /** This request repainting what is white in {@code mask}. */
    public GenerationRequest withMask(BufferedImage mask) {
        return withInpainting(new Inpainting(mask));
    }

    /** This request repainting this part of its image. */
    public GenerationRequest withInpainting(Inpainting inpainting) {
        return with(draft -> draft.inpainting = Optional.of(inpainting));
    }

    /**
     * This request with its image grown, and the new part painted.
     *
     * @throws IllegalArgumentException if there is no image, or a mask already
     */
    public GenerationRequest withExpansion(Expansion expansion) {
        ImageInput from = image.orElseThrow(
                () -> new IllegalArgumentException("there is no image to expand; expected one before the expansion"));
        if (inpainting.isPresent()) {
            throw new IllegalArgumentException("there is a mask, and an image to expand; expected one of them: expand"
                    + " first, and repaint the result");
        }
        return withImage(expansion.image(from.image())).withInpainting(expansion.inpainting(from.image()));
    }

    /** This request telling SDXL this besides the text. */
    public GenerationRequest withMicroConditioning(MicroConditioning micro) {
        return with(draft -> draft.micro = Optional.of(micro));
    }

    /** This request for this part of the way only. */
    public GenerationRequest withStretch(DenoisingRange stretch) {
        return with(draft -> draft.stretch = stretch);
    }

    /** This request with a second run at a larger size. */
    public GenerationRequest withUpscale(Upscale upscale) {
        return with(draft -> draft.upscale = Optional.of(upscale));
    }

    /** This request steered by these images and no others. */
    public GenerationRequest withControls(List<ControlInput> controls) {
        return with(draft -> draft.controls = controls);
    }

    /** Images {@code first} to {@code first + images - 1} of this request, as a request of their own. */
    public GenerationRequest part(int first, int images) {
        GenerationRequest part = withSeed(seed(first)).withCount(images);
        return variation
                .map(v -> part.withVariation(new Variation(v.seed() + first, v.strength())))
                .orElse(part);
    }

    /** The seed of image {@code i}. */
    public long seed(int i) {
        return variation.isPresent() ? seed : seed + i;
    }

    /** The noise of images {@code first} to {@code first + images - 1}. */
    public NoiseSource noise(int first, int images) {
        NoiseSource own = NoiseSource.perImage(
                IntStream.range(first, first + images).mapToObj(this::seed).toList());
        return variation
                .map(v -> NoiseSource.mixed(own, NoiseSource.perImage(v.seed() + first, images), v.strength()))
                .orElse(own);
    }

    /** What is to be said of the variation of image {@code i}, in the form other tools read; empty if there is none. */
    public String variationOf(int i) {
        return variation
                .map(v -> ", Variation seed: " + (v.seed() + i) + ", Variation seed strength: "
                        + ParametersText.number(v.strength()))
                .orElse("");
    }

    /** This request with its prompts read so. */
    public GenerationRequest withPromptSyntax(PromptSyntax promptSyntax) {
        return with(draft -> draft.promptSyntax = promptSyntax);
    }

    /**
     * This request with the text encoders read out earlier: "clip skip". 1 is where the model's own layer is, the last in
     * Stable Diffusion 1 and 2 and the last but one in SDXL; each more is a layer less.
     */
    public GenerationRequest withClipSkip(int clipSkip) {
        return with(draft -> draft.clipSkip = clipSkip);
    }

    /** This request with these images in tiles. */
    public GenerationRequest withTiling(Tiling tiling) {
        return with(draft -> draft.tiling = tiling);
    }

    private GenerationRequest with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.request();
    }

    /** A request on its way from one value to the next. */
    private static final class Draft {
        private String prompt;
        private String negativePrompt;
        private OptionalInt width;
        private OptionalInt height;
        private Optional<Steps> steps;
        private Guidance guidance;
        private Optional<String> scheduler;
        private OptionalDouble eta;
        private long seed;
        private Optional<Variation> variation;
        private int count;
        private int batchSize;
        private List<LoraUse> loras;
        private Optional<ImageInput> image;
        private Optional<Inpainting> inpainting;
        private Optional<MicroConditioning> micro;
        private DenoisingRange stretch;
        private Optional<Upscale> upscale;
        private List<ControlInput> controls;
        private PromptSyntax promptSyntax;
        private int clipSkip;
        private Tiling tiling;

        Draft(GenerationRequest from) {
            prompt = from.prompt;
            negativePrompt = from.negativePrompt;
            width = from.width;
            height = from.height;
            steps = from.steps;
            guidance = from.guidance;
            scheduler = from.scheduler;
            eta = from.eta;
            seed = from.seed;
            variation = from.variation;
            count = from.count;
            batchSize = from.batchSize;
            loras = from.loras;
            image = from.image;
            inpainting = from.inpainting;
            micro = from.micro;
            stretch = from.stretch;
            upscale = from.upscale;
            controls = from.controls;
            promptSyntax = from.promptSyntax;
            clipSkip = from.clipSkip;
            tiling = from.tiling;
        }

        GenerationRequest request() {
            return new GenerationRequest(
                    prompt,
                    negativePrompt,
                    width,
                    height,
                    steps,
                    guidance,
                    scheduler,
                    eta,
                    seed,
                    variation,
                    count,
                    batchSize,
                    loras,
                    image,
                    inpainting,
                    micro,
                    stretch,
                    upscale,
                    controls,
                    promptSyntax,
                    clipSkip,
                    tiling);
        }
    }
}
