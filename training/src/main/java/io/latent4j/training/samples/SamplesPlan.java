package io.latent4j.training.samples;

import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import java.util.List;
import java.util.Optional;

/**
 * The {@code samples} section of a run file of a text-to-image model.
 *
 * @param steps denoising steps; empty for the model's own
 * @param guidanceScale empty for the model's own
 * @param seed of the first prompt's image; that of prompt i has {@code seed + i}
 */
public record SamplesPlan(List<String> prompts, Optional<Integer> steps, Optional<Double> guidanceScale, long seed) {
    private static final int MOST_PROMPTS = 64;

    public SamplesPlan {
        prompts = List.copyOf(prompts);
    }

    /** Reads the section, each key with its default. */
    public static SamplesPlan read(Config samples) {
        List<String> prompts = samples.texts("prompts", List.of());
        if (prompts.size() > MOST_PROMPTS) {
            samples.refuse("prompts", "is " + prompts.size() + " texts; expected at most " + MOST_PROMPTS);
        }
        return new SamplesPlan(
                prompts,
                samples.has("steps") ? Optional.of(samples.integer("steps", Bounds.atLeast(1), 1)) : Optional.empty(),
                samples.optionalReal("guidance_scale", Bounds.of(0, 100)),
                samples.integer("seed", Bounds.atLeast(0), 0));
    }

    /** The samples of a model whose own steps and guidance scale are these. */
    public PromptSamples of(int steps, double guidanceScale) {
        return new PromptSamples(prompts, this.steps.orElse(steps), this.guidanceScale.orElse(guidanceScale), seed);
    }
}
