package io.latent4j.pipeline.model;

import io.latent4j.textencoder.PromptSyntax;
import java.util.OptionalInt;

/**
 * How texts are read.
 *
 * @param syntax whether marks in a text weight its parts
 * @param clipSkip 1 for the encoders' own layer, 2 for the one before it, and so on
 * @param maxTokens how many tokens are read, where the encoders leave that open; empty for the model's own number
 */
public record TextOptions(PromptSyntax syntax, int clipSkip, OptionalInt maxTokens) {

    /** With the model's own number of tokens. */
    public TextOptions(PromptSyntax syntax, int clipSkip) {
        this(syntax, clipSkip, OptionalInt.empty());
    }
}
