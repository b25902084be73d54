package io.latent4j.pipeline.request;

import io.latent4j.textencoder.PromptSyntax;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * The texts of a request, and how they are read.
 *
 * @param text what the image shows; may be empty
 * @param negative what the image does not show; has no effect where guidance is at most 1. SDXL distinguishes an empty one,
 *     which is none at all, from a blank one, which is a text
 * @param syntax how both texts are read
 * @param clipSkip which layer of the text encoders is read: 1 is the model's own, the last in Stable Diffusion 1 and 2 and
 *     the last but one in SDXL; each more is one layer earlier
 * @param maxTokens how many tokens of a text are read, and how long all are made, by models whose text encoder leaves that
 *     open: T5 and Qwen3. Empty for what the model is used with as a rule
 */
public record Prompt(String text, String negative, PromptSyntax syntax, int clipSkip, OptionalInt maxTokens) {
    private static final int MOST_LETTERS = 20_000; // some 5,000 tokens
    private static final int MOST_TOKENS = 4096;

    public Prompt {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(negative, "negative");
        Objects.requireNonNull(syntax, "syntax");
        checkLength("prompt", text);
        checkLength("negative prompt", negative);
        Checks.check(clipSkip > 0, "clip skip", clipSkip, "1 or more");
        maxTokens.ifPresent(most ->
                Checks.check(most >= 1 && most <= MOST_TOKENS, "the number of tokens", most, "1 to " + MOST_TOKENS));
    }

    private static void checkLength(String what, String text) {
        if (text.length() > MOST_LETTERS) {
            throw new IllegalArgumentException(
                    "the " + what + " has " + text.length() + " letters; expected at most " + MOST_LETTERS);
        }
    }

    /** This text without a negative one, with {@link PromptSyntax#WEIGHTED}, read at the model's own layer. */
    public Prompt(String text) {
        this(text, "", PromptSyntax.WEIGHTED, 1, OptionalInt.empty());
    }

    /** This prompt with another text. */
    public Prompt withText(String text) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens);
    }

    /** This prompt with another negative text. */
    public Prompt withNegative(String negative) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens);
    }

    /** This prompt read in another way. */
    public Prompt withSyntax(PromptSyntax syntax) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens);
    }

    /** This prompt read to another length: see {@link #maxTokens}. */
    public Prompt withMaxTokens(int most) {
        return new Prompt(text, negative, syntax, clipSkip, OptionalInt.of(most));
    }

    /** This prompt read at another layer. */
    public Prompt withClipSkip(int clipSkip) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens);
    }
}
