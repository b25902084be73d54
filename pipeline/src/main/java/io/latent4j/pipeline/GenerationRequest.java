package io.latent4j.pipeline;

import io.latent4j.lora.LoraUse;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What to make. What is left open is the model's choice: see {@link ModelDefaults}.
 *
 * @param prompt what the picture shows; may be empty
 * @param negativePrompt what it does not show; plays a part where guidance is above 1
 * @param width in pixels, a multiple of the model's step (8 in Stable Diffusion), at most 16384
 * @param height in pixels, likewise
 * @param steps denoising steps, 1 to the number of the model's training steps
 * @param guidanceScale how strongly the prompt pulls, 0 to 100; 1 and below is no guidance, at half the work
 * @param guidanceRescale part of the guided prediction whose contrast is restored, 0 to 1 (<a
 *     href="https://arxiv.org/abs/2305.08891">Lin et al. 2023</a>, equation 15)
 * @param scheduler the sampling method by name, {@code "euler a"} for instance; the model's own if empty
 * @param eta DDIM's share of fresh noise, 0 to 1
 * @param seed of the first image; image i has seed + i
 * @param count how many images
 * @param batchSize how many of them are made at a time; the images are the same whatever it is
 * @param loras adapters, which add up; they must be open until the images are made
 */
public record GenerationRequest(
        String prompt,
        String negativePrompt,
        OptionalInt width,
        OptionalInt height,
        OptionalInt steps,
        OptionalDouble guidanceScale,
        double guidanceRescale,
        Optional<String> scheduler,
        double eta,
        long seed,
        int count,
        int batchSize,
        List<LoraUse> loras) {
    private static final int MOST_IMAGES = 10_000;
    private static final int MOST_PIXELS = 16_384;
    static final int MOST_GUIDANCE = 100;

    public GenerationRequest {
        loras = List.copyOf(loras);
        Objects.requireNonNull(prompt, "prompt");
        Objects.requireNonNull(negativePrompt, "negativePrompt");
        Objects.requireNonNull(scheduler, "scheduler");
        width.ifPresent(w -> check(w > 0 && w <= MOST_PIXELS, "width", w, "1 to " + MOST_PIXELS));
        height.ifPresent(h -> check(h > 0 && h <= MOST_PIXELS, "height", h, "1 to " + MOST_PIXELS));
        steps.ifPresent(s -> check(s > 0, "steps", s, "1 or more"));
        guidanceScale.ifPresent(g -> check(g >= 0 && g <= MOST_GUIDANCE, "guidance scale", g, "0 to " + MOST_GUIDANCE));
        check(guidanceRescale >= 0 && guidanceRescale <= 1, "guidance rescale", guidanceRescale, "0 to 1");
        check(eta >= 0 && eta <= 1, "eta", eta, "0 to 1");
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
                OptionalInt.empty(),
                OptionalDouble.empty(),
                0,
                Optional.empty(),
                0,
                0,
                1,
                1,
                List.of());
    }

    private static void check(boolean holds, String what, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + value + "; expected " + expected);
        }
    }

    /** This request with another prompt. */
    public GenerationRequest withPrompt(String prompt) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with this negative prompt. */
    public GenerationRequest withNegativePrompt(String negativePrompt) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with this width and height in pixels. */
    public GenerationRequest withSize(int width, int height) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                OptionalInt.of(width),
                OptionalInt.of(height),
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with this many denoising steps. */
    public GenerationRequest withSteps(int steps) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                OptionalInt.of(steps),
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with this guidance scale. */
    public GenerationRequest withGuidanceScale(double guidanceScale) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                OptionalDouble.of(guidanceScale),
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with this part of the contrast restored. */
    public GenerationRequest withGuidanceRescale(double guidanceRescale) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with the sampling method of this name. */
    public GenerationRequest withScheduler(String scheduler) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                Optional.of(scheduler),
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with this share of DDIM's fresh noise. */
    public GenerationRequest withEta(double eta) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with this seed for its first image. */
    public GenerationRequest withSeed(long seed) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request for this many images. */
    public GenerationRequest withCount(int count) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request made this many images at a time. */
    public GenerationRequest withBatchSize(int batchSize) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }

    /** This request with these adapters and no others. */
    public GenerationRequest withLoras(List<LoraUse> loras) {
        return new GenerationRequest(
                prompt,
                negativePrompt,
                width,
                height,
                steps,
                guidanceScale,
                guidanceRescale,
                scheduler,
                eta,
                seed,
                count,
                batchSize,
                loras);
    }
}
