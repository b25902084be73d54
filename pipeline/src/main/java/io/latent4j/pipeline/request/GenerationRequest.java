package io.latent4j.pipeline.request;

import io.latent4j.schedulers.Steps;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The images to generate, as values: it holds no weights and nothing that is to be closed. What is left open is the model's
 * default. Adapters and control networks are named; a pipeline has the open ones attached.
 *
 * @param prompt the texts, and how they are read
 * @param sampling how noise becomes latents
 * @param guidance how strongly the prompt pulls, and how
 * @param batch how many images, and their seeds
 * @param size in pixels
 * @param source the image to start from; empty to start from noise
 * @param adapters which add up
 * @param controls images that steer the run through control networks, which add up
 * @param micro what SDXL is given besides the text; an image neither scaled nor cropped if empty
 * @param upscale a second run at a larger size; empty for none
 * @param tiling which images go through the autoencoder in tiles
 */
public record GenerationRequest(
        Prompt prompt,
        Sampling sampling,
        Guidance guidance,
        Batch batch,
        ImageSize size,
        Optional<Source> source,
        List<AdapterUse> adapters,
        List<ControlInput> controls,
        Optional<MicroConditioning> micro,
        Optional<Upscale> upscale,
        Tiling tiling) {

    public GenerationRequest {
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(sampling, "sampling");
        Objects.requireNonNull(guidance, "guidance");
        Objects.requireNonNull(batch, "batch");
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(source, "source");
        adapters = List.copyOf(adapters);
        controls = List.copyOf(controls);
        Objects.requireNonNull(micro, "micro");
        Objects.requireNonNull(upscale, "upscale");
        Objects.requireNonNull(tiling, "tiling");
        if (source.isPresent() && upscale.isPresent()) {
            throw new IllegalArgumentException(
                    "there is an image to start from, and upscaling; expected one of them: an"
                            + " image is scaled to the width and height of the request");
        }
    }

    /**
     * One image of {@code prompt}, which is read with {@link PromptSyntax#WEIGHTED}, of a random seed; everything else is the
     * model's default.
     */
    public GenerationRequest(String prompt) {
        this(
                new Prompt(prompt),
                Sampling.DEFAULT,
                Guidance.DEFAULT,
                Batch.ONE,
                ImageSize.DEFAULT,
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Tiling.AUTO);
    }

    /** This request with other texts. */
    public GenerationRequest withPrompt(Prompt prompt) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request with another prompt text. */
    public GenerationRequest withPrompt(String text) {
        return withPrompt(prompt.withText(text));
    }

    /** This request with this negative prompt. */
    public GenerationRequest withNegativePrompt(String negative) {
        return withPrompt(prompt.withNegative(negative));
    }

    /** This request with its prompts read in this way. */
    public GenerationRequest withPromptSyntax(PromptSyntax syntax) {
        return withPrompt(prompt.withSyntax(syntax));
    }

    /** This request with the text encoders read at an earlier layer: see {@link Prompt}. */
    public GenerationRequest withClipSkip(int clipSkip) {
        return withPrompt(prompt.withClipSkip(clipSkip));
    }

    /** This request with another number of tokens that are read: see {@link Prompt#maxTokens}. */
    public GenerationRequest withMaxTokens(int most) {
        return withPrompt(prompt.withMaxTokens(most));
    }

    /** This request with these reference images and no others: see {@link Prompt#references}. */
    public GenerationRequest withReferences(List<BufferedImage> references) {
        return withPrompt(prompt.withReferences(references));
    }

    /** This request with this sampling. */
    public GenerationRequest withSampling(Sampling sampling) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request with the sampling method of this name. */
    public GenerationRequest withScheduler(String scheduler) {
        return withSampling(sampling.withScheduler(scheduler));
    }

    /** This request with this many denoising steps. */
    public GenerationRequest withSteps(int steps) {
        return withSteps(Steps.of(steps));
    }

    /** This request with these denoising steps: a number of them, or a list of timesteps or sigmas. */
    public GenerationRequest withSteps(Steps steps) {
        return withSampling(sampling.withSteps(steps));
    }

    /** This request with this share of fresh noise, for DDIM, TCD and ancestral and SDE methods. */
    public GenerationRequest withEta(double eta) {
        return withSampling(sampling.withEta(eta));
    }

    /** This request for a part of the denoising trajectory. */
    public GenerationRequest withRange(DenoisingRange range) {
        return withSampling(sampling.withRange(range));
    }

    /** This request with steps that reuse what earlier ones computed, {@code StepCaching.parse("deepcache:3")} for instance. */
    public GenerationRequest withCaching(StepCaching caching) {
        return withSampling(sampling.withCaching(caching));
    }

    /** This request with this guidance. */
    public GenerationRequest withGuidance(Guidance guidance) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request with this guidance scale. */
    public GenerationRequest withGuidanceScale(double guidanceScale) {
        return withGuidance(guidance.withScale(guidanceScale));
    }

    /** This request with this part of the contrast restored. */
    public GenerationRequest withGuidanceRescale(double guidanceRescale) {
        return withGuidance(guidance.withRescale(guidanceRescale));
    }

    /** This request with this batch. */
    public GenerationRequest withBatch(Batch batch) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request with this seed for its first image, 64 bits that are read as unsigned. */
    public GenerationRequest withSeed(long seed) {
        return withBatch(batch.withSeed(seed));
    }

    /** This request with a seed: its own, or a random one. */
    public GenerationRequest seeded() {
        return withBatch(batch.seeded());
    }

    /** This request on the way to other images. */
    public GenerationRequest withVariation(Variation variation) {
        return withBatch(batch.withVariation(variation));
    }

    /** This request for this many images. */
    public GenerationRequest withCount(int count) {
        return withBatch(batch.withCount(count));
    }

    /** This request with this many images at a time. */
    public GenerationRequest withBatchSize(int batchSize) {
        return withBatch(batch.withBatchSize(batchSize));
    }

    /** This request with this size. */
    public GenerationRequest withSize(ImageSize size) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request with this width and height in pixels. */
    public GenerationRequest withSize(int width, int height) {
        return withSize(ImageSize.of(width, height));
    }

    /** This request with this width in pixels. */
    public GenerationRequest withWidth(int width) {
        return withSize(new ImageSize(OptionalInt.of(width), size.height()));
    }

    /** This request with this height in pixels. */
    public GenerationRequest withHeight(int height) {
        return withSize(new ImageSize(size.width(), OptionalInt.of(height)));
    }

    /** This request with this source. */
    public GenerationRequest withSource(Source source) {
        return withSource(Optional.of(source));
    }

    private GenerationRequest withSource(Optional<Source> source) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request starting from {@code image}; strength and mask stay as they are. */
    public GenerationRequest withImage(BufferedImage image) {
        return withSource(source.map(s -> s.withImage(image)).orElseGet(() -> new Source(image)));
    }

    /**
     * This request with this part of the steps taken from its image on: see {@link Source}.
     *
     * @throws IllegalArgumentException if there is no image
     */
    public GenerationRequest withStrength(double strength) {
        return withSource(source("strength is " + strength).withStrength(strength));
    }

    /**
     * This request with the white part of {@code mask} repainted.
     *
     * @throws IllegalArgumentException if there is no image
     */
    public GenerationRequest withMask(BufferedImage mask) {
        return withInpainting(new Inpainting(mask));
    }

    /**
     * This request with this part of its image repainted.
     *
     * @throws IllegalArgumentException if there is no image
     */
    public GenerationRequest withInpainting(Inpainting inpainting) {
        return withSource(source("there is a mask").withInpainting(inpainting));
    }

    /**
     * This request with its image grown, and the new part painted.
     *
     * @throws IllegalArgumentException if there is no image, or a mask already
     */
    public GenerationRequest withExpansion(Expansion expansion) {
        Source from = source("there is an expansion");
        if (from.inpainting().isPresent()) {
            throw new IllegalArgumentException("there is a mask, and an image to expand; expected one of them: expand"
                    + " first, and repaint the result");
        }
        return withSource(
                from.withImage(expansion.image(from.image())).withInpainting(expansion.inpainting(from.image())));
    }

    private Source source(String what) {
        return source.orElseThrow(() ->
                new IllegalArgumentException(what + ", but there is no image to start from; expected one before it"));
    }

    /** This request with these adapters and no others. */
    public GenerationRequest withAdapters(List<AdapterUse> adapters) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request with these adapters and no others. */
    public GenerationRequest withAdapters(AdapterUse... adapters) {
        return withAdapters(List.of(adapters));
    }

    /** This request steered by these images and no others. */
    public GenerationRequest withControls(List<ControlInput> controls) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** This request steered by these images and no others. */
    public GenerationRequest withControls(ControlInput... controls) {
        return withControls(List.of(controls));
    }

    /** This request with this micro-conditioning for SDXL. */
    public GenerationRequest withMicroConditioning(MicroConditioning micro) {
        return new GenerationRequest(
                prompt,
                sampling,
                guidance,
                batch,
                size,
                source,
                adapters,
                controls,
                Optional.of(micro),
                upscale,
                tiling);
    }

    /** This request with a second run at a larger size. */
    public GenerationRequest withUpscale(Upscale upscale) {
        return new GenerationRequest(
                prompt,
                sampling,
                guidance,
                batch,
                size,
                source,
                adapters,
                controls,
                micro,
                Optional.of(upscale),
                tiling);
    }

    /** This request with these images decoded in tiles. */
    public GenerationRequest withTiling(Tiling tiling) {
        return new GenerationRequest(
                prompt, sampling, guidance, batch, size, source, adapters, controls, micro, upscale, tiling);
    }

    /** Images {@code first} to {@code first + images - 1} of this request, as a request of their own. */
    public GenerationRequest part(int first, int images) {
        return withBatch(batch.part(first, images));
    }
}
