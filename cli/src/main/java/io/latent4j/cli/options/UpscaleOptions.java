package io.latent4j.cli.options;

import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Upscale;
import io.latent4j.pipeline.request.Upscaler;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A second run at a larger size. */
public final class UpscaleOptions {
    @Option(
            names = "--upscale",
            paramLabel = "FACTOR",
            description = "Make the image larger, by 2 for instance, and let the model work on it again: for sizes"
                    + " beyond those it was trained at.")
    private Optional<Double> factor;

    @Option(
            names = "--upscale-strength",
            paramLabel = "X",
            description = "How much the second run may change, above 0 and up to 1: the part of its steps that is taken"
                    + " (default: 0.5).")
    private Optional<Double> strength;

    @Option(
            names = "--upscale-steps",
            paramLabel = "N",
            description = "Steps of the second run, of which it takes a part (default: as many as the first).")
    private Optional<Integer> steps;

    @Option(
            names = "--upscaler",
            paramLabel = "NAME",
            description = "What is made larger: ${COMPLETION-CANDIDATES} (default: pixels).")
    private Optional<Means> by;

    /** What is made larger, by the name that the command line has for it. */
    private enum Means {
        pixels(Upscaler.PIXELS),
        nearest(Upscaler.LATENTS_NEAREST),
        bilinear(Upscaler.LATENTS_BILINEAR),
        bicubic(Upscaler.LATENTS_BICUBIC);

        private final Upscaler upscaler;

        Means(Upscaler upscaler) {
            this.upscaler = upscaler;
        }
    }

    /**
     * The request with what these options say.
     *
     * @throws IllegalArgumentException if a value is out of range, or an option lacks the one that it belongs to
     */
    public GenerationRequest addTo(GenerationRequest request) {
        Optional<Upscale> before = request.upscale();
        if (factor.isEmpty() && before.isEmpty()) {
            refuse("--upscale-strength", strength);
            refuse("--upscale-steps", steps);
            refuse("--upscaler", by);
            return request;
        }
        Upscale upscale = before.orElseGet(() -> new Upscale(factor.get()));
        upscale = factor.map(upscale::withFactor).orElse(upscale);
        upscale = strength.map(upscale::withStrength).orElse(upscale);
        upscale = steps.map(upscale::withSteps).orElse(upscale);
        return request.withUpscale(
                by.map(means -> means.upscaler).map(upscale::by).orElse(upscale));
    }

    private static void refuse(String option, Optional<?> value) {
        if (value.isPresent()) {
            throw new IllegalArgumentException(option + " is given without --upscale; expected both");
        }
    }
}
