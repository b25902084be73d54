package io.latent4j.pipeline.request;

import java.util.Objects;
import java.util.OptionalDouble;

/**
 * How strongly a run is pulled away from what the network predicts of the prompt alone, by what, and when.
 *
 * <p>Parts of the way are told as in {@link DenoisingRange}, but in steps: a step at which {@code i} of {@code n} steps lie behind
 * is guided where {@code start <= i / n < end}. A run that starts from an image has its first steps behind it already.
 *
 * @param scale of classifier-free guidance (<a href="https://arxiv.org/abs/2207.12598">Ho &amp; Salimans 2022</a>), 0 to 100;
 *     1 and below is none, at half the work. With {@code plusPlus} 0 to 2, and always at work. The model's own if empty.
 *     A model that was distilled from guided predictions, such as FLUX.1 dev, is told it
 * @param trueScale of classifier-free guidance for a model that is told {@code scale}, 0 to 100; 1 and below is none
 * @param rescale part of the guided prediction whose contrast is restored, 0 to 1 (<a
 *     href="https://arxiv.org/abs/2305.08891">Lin et al. 2023</a>, equation 15)
 * @param start the fraction of the denoising trajectory before guidance sets in, 0 to 1 (<a href="https://arxiv.org/abs/2404.07724">Kynk&auml;&auml;nniemi
 *     et al. 2024</a>)
 * @param end the fraction of the denoising trajectory after which it stops, above {@code start}
 * @param thresholding the quantile of dynamic thresholding, above 0 and up to 1 (<a
 *     href="https://arxiv.org/abs/2205.11487">Saharia et al. 2022</a>, section 2.3); none if empty
 * @param plusPlus whether the noise that is put back is what the negative side predicts: CFG++ (<a
 *     href="https://arxiv.org/abs/2406.08070">Chung et al. 2024</a>)
 * @param limit the most that guidance lengthens a prediction, above 0: the norm of the guided prediction of an image is at
 *     most so many times that of the prompt's. No limit if empty
 * @param perturbed guidance away from what the network sees without attention
 */
public record Guidance(
        OptionalDouble scale,
        double trueScale,
        double rescale,
        double start,
        double end,
        OptionalDouble thresholding,
        boolean plusPlus,
        OptionalDouble limit,
        PerturbedAttention perturbed) {
    public static final int MOST_SCALE = 100;
    private static final int MOST_PLUS_PLUS_SCALE = 2;

    /** The model's own scale, and nothing else. */
    public static final Guidance DEFAULT = new Guidance(
            OptionalDouble.empty(),
            1,
            0,
            0,
            1,
            OptionalDouble.empty(),
            false,
            OptionalDouble.empty(),
            PerturbedAttention.NONE);

    public Guidance {
        Objects.requireNonNull(perturbed, "perturbed");
        scale.ifPresent(s -> Checks.check(s >= 0 && s <= MOST_SCALE, "guidance scale", s, "0 to " + MOST_SCALE));
        scale.ifPresent(s -> Checks.check(
                !plusPlus || s <= MOST_PLUS_PLUS_SCALE,
                "guidance scale",
                s,
                "0 to " + MOST_PLUS_PLUS_SCALE + " with CFG++, 0.6 for instance"));
        Checks.check(trueScale >= 0 && trueScale <= MOST_SCALE, "true guidance scale", trueScale, "0 to " + MOST_SCALE);
        Checks.check(rescale >= 0 && rescale <= 1, "guidance rescale", rescale, "0 to 1");
        Checks.check(
                start >= 0 && start < end && end <= 1,
                "the guided part of the denoising trajectory",
                start + " to " + end,
                "a start of 0 or more, below an end of at most 1");
        thresholding.ifPresent(
                p -> Checks.check(p > 0 && p <= 1, "dynamic thresholding", p, "a quantile above 0, at most 1"));
        limit.ifPresent(most -> Checks.check(
                most > 0 && most <= MOST_SCALE, "limit of guidance", most, "above 0, at most " + MOST_SCALE));
    }

    private Guidance with(OptionalDouble scale, OptionalDouble thresholding, boolean plusPlus) {
        return new Guidance(scale, trueScale, rescale, start, end, thresholding, plusPlus, limit, perturbed);
    }

    /** The same at this scale. */
    public Guidance withScale(double scale) {
        return with(OptionalDouble.of(scale), thresholding, plusPlus);
    }

    /** The same with this scale of classifier-free guidance, for a model that is told the other one. */
    public Guidance withTrueScale(double trueScale) {
        return new Guidance(scale, trueScale, rescale, start, end, thresholding, plusPlus, limit, perturbed);
    }

    /** The same with this limit of the guided prediction's norm, 1 for instance. */
    public Guidance withLimit(double limit) {
        return new Guidance(
                scale, trueScale, rescale, start, end, thresholding, plusPlus, OptionalDouble.of(limit), perturbed);
    }

    /** The same with this part of the contrast restored. */
    public Guidance withRescale(double rescale) {
        return new Guidance(scale, trueScale, rescale, start, end, thresholding, plusPlus, limit, perturbed);
    }

    /** The same on this part of the denoising trajectory only. */
    public Guidance between(double start, double end) {
        return new Guidance(scale, trueScale, rescale, start, end, thresholding, plusPlus, limit, perturbed);
    }

    /** The same with dynamic thresholding at this quantile, 0.995 for instance. */
    public Guidance withThresholding(double quantile) {
        return with(scale, OptionalDouble.of(quantile), plusPlus);
    }

    /** The same as CFG++, whose scale is 0.6 where it is left open. */
    public Guidance withPlusPlus() {
        return with(scale, thresholding, true);
    }

    /** The same with perturbed attention. */
    public Guidance withPerturbed(PerturbedAttention perturbed) {
        return new Guidance(scale, trueScale, rescale, start, end, thresholding, plusPlus, limit, perturbed);
    }
}
