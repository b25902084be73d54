package io.latent4j.textencoder;

/** How a prompt is read. */
public enum PromptSyntax {
    /** As it is written, cut where the model's tokens end: what the reference does. */
    PLAIN,
    /**
     * With {@code (emphasis:1.2)}, {@code [from:to:0.4]}, {@code [one|other]} and {@code BREAK}, and as long as it is: see
     * {@link PromptSchedule} and {@link WeightedText}.
     */
    WEIGHTED
}
