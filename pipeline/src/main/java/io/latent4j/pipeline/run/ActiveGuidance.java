package io.latent4j.pipeline.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.Attention;
import io.latent4j.core.ops.Ops;
import io.latent4j.pipeline.model.LatentDenoiser;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.schedulers.ClippedDenoiser;
import io.latent4j.schedulers.Clipping;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.Scheduler;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Guidance for one model.
 *
 * @param scale the one asked for, or else the model's
 * @param told whether the model is told the scale, and so has a negative side only with a true scale
 * @param layers that do without attention on the perturbed side
 */
record ActiveGuidance(Guidance guidance, double scale, boolean told, List<Attention> layers) {
    private static final double PLUS_PLUS_SCALE = 0.6;

    /** @throws IllegalArgumentException if the model cannot be guided so, or not by {@code scheduler} */
    static ActiveGuidance of(Guidance guidance, Model parts, Scheduler scheduler) {
        LatentDenoiser denoiser = parts.denoiser();
        boolean told = denoiser.takesGuidance();
        if (!told && guidance.trueScale() != 1) {
            throw new IllegalArgumentException("the true guidance scale is " + guidance.trueScale()
                    + ", which is for models that are told the guidance scale; expected 1, and the guidance scale for "
                    + parts.name());
        }
        boolean partly = guidance.start() > 0 || guidance.end() < 1;
        if (told && (guidance.plusPlus() || (partly && guidance.trueScale() <= 1))) {
            throw new IllegalArgumentException(
                    "the model is told the guidance scale and has no negative side; expected"
                            + " neither CFG++ nor a start or an end of guidance, or a true guidance scale above 1 for the last two");
        }
        if (guidance.plusPlus() && !scheduler.renoises()) {
            throw new IllegalArgumentException(
                    "CFG++ is asked for with a scheduler whose steps do not put predicted noise"
                            + " back; expected ddim, euler or euler a");
        }
        double open = guidance.plusPlus() ? PLUS_PLUS_SCALE : parts.defaults().guidanceScale();
        List<Attention> layers = guidance.perturbed().scale() == 0
                ? List.of()
                : guidance.perturbed().layers().stream()
                        .flatMap(place -> denoiser.selfAttention(place).stream())
                        .distinct()
                        .toList();
        return new ActiveGuidance(guidance, guidance.scale().orElse(open), told, layers);
    }

    /** Whether the negative prompt plays a part at all. */
    boolean active() {
        return guidance.plusPlus() || freeScale() > 1;
    }

    /** That of classifier-free guidance. */
    private double freeScale() {
        return told ? guidance.trueScale() : scale;
    }

    /** What the network is told of the scale. */
    OptionalDouble toldScale() {
        return told ? OptionalDouble.of(scale) : OptionalDouble.empty();
    }

    /** What is needed where {@code way}, from 0 to 1, lies behind. */
    GuidanceBatch sides(double way) {
        return way >= guidance.start() && way < guidance.end()
                ? new GuidanceBatch(active(), !layers.isEmpty())
                : GuidanceBatch.PROMPT;
    }

    /**
     * The prediction that the network's outputs lead to.
     *
     * @param outputs one for each of {@code sides}, each (N, C, H, W)
     * @param read tells what an output stands for
     * @param latents that the network was asked about, at level {@code at}
     */
    Prediction prediction(
            GuidanceBatch sides, NDList outputs, Function<NDArray, Prediction> read, NDArray latents, NoiseLevel at) {
        NDArray prompt = outputs.get(sides.attending() - 1);
        if (sides.equals(GuidanceBatch.PROMPT)) {
            return read.apply(prompt);
        }
        Prediction guided = read.apply(limited(rescaled(guided(sides, outputs, prompt), prompt), prompt));
        boolean plusPlus = guidance.plusPlus() && sides.negative();
        Prediction mixed = plusPlus
                ? new Prediction(guided.x0(), read.apply(outputs.get(0)).eps())
                : guided;
        if (guidance.thresholding().isEmpty()) {
            return mixed;
        }
        Clipping clipping = Clipping.dynamic(
                guidance.thresholding().getAsDouble(), read.apply(prompt).x0());
        return new ClippedDenoiser((x, level) -> mixed, clipping, !plusPlus).predict(latents, at);
    }

    private NDArray guided(GuidanceBatch sides, NDList outputs, NDArray prompt) {
        NDArray guided = prompt;
        if (sides.negative()) {
            NDArray negative = outputs.get(0);
            guided = negative.add(
                    prompt.sub(negative).mul(freeScale())); // Ho & Salimans, equation 6, with scale = w + 1
        }
        if (sides.perturbed()) {
            NDArray perturbed = outputs.get(sides.count() - 1);
            guided = guided.add(prompt.sub(perturbed).mul(guidance.perturbed().scale()));
        }
        return guided;
    }

    /** Each image's prediction shortened to the limit's norm, if it is longer. */
    private NDArray limited(NDArray guided, NDArray prompt) {
        if (guidance.limit().isEmpty()) {
            return guided;
        }
        NDArray most = Ops.norm(prompt).mul(guidance.limit().getAsDouble());
        return guided.mul(most.div(Ops.norm(guided)).minimum(1));
    }

    /** Lin et al. 2023, equations 15 and 16. */
    private NDArray rescaled(NDArray guided, NDArray prompt) {
        double rescale = guidance.rescale();
        if (rescale == 0) {
            return guided;
        }
        NDArray rescaled = guided.mul(Ops.std(prompt).div(Ops.std(guided)));
        return rescaled.mul(rescale).add(guided.mul(1 - rescale));
    }
}
