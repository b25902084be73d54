package io.latent4j.pipeline.request;

import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * What a request says to the model: texts and how they are read, and images that they speak of.
 *
 * @param text what the image shows; may be empty
 * @param negative what the image does not show; has no effect where guidance is at most 1. SDXL distinguishes an empty one,
 *     which is none at all, from a blank one, which is a text
 * @param syntax how both texts are read
 * @param clipSkip which layer of the text encoders is read: 1 is the model's own, the last in Stable Diffusion 1 and 2 and
 *     the last but one in SDXL; each more is one layer earlier
 * @param maxTokens how many tokens of a text are read, and how long all are made, by models whose text encoder leaves that
 *     open: T5 and Qwen3. Empty for what the model is used with as a rule
 * @param references images that a model is told beside the text, such as FLUX.2 klein, which edits what they show: "put the
 *     hat of image 2 on the cat"
 */
public record Prompt(
        String text,
        String negative,
        PromptSyntax syntax,
        int clipSkip,
        OptionalInt maxTokens,
        List<BufferedImage> references) {
    /** The most reference images that a request may have. */
    public static final int MOST_REFERENCES = 10;

    /** The pixels of a reference image above which it is made smaller: what the published models were trained with. */
    public static final int MOST_REFERENCE_PIXELS = 1 << 20;

    private static final int MOST_LETTERS = 20_000; // some 5,000 tokens
    private static final int MOST_TOKENS = 4096;

    public Prompt {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(negative, "negative");
        Objects.requireNonNull(syntax, "syntax");
        references = List.copyOf(references);
        checkLength("prompt", text);
        checkLength("negative prompt", negative);
        Checks.check(clipSkip > 0, "clip skip", clipSkip, "1 or more");
        maxTokens.ifPresent(most ->
                Checks.check(most >= 1 && most <= MOST_TOKENS, "the number of tokens", most, "1 to " + MOST_TOKENS));
        Checks.check(
                references.size() <= MOST_REFERENCES,
                "the number of reference images",
                references.size(),
                "at most " + MOST_REFERENCES);
    }

    private static void checkLength(String what, String text) {
        if (text.length() > MOST_LETTERS) {
            throw new IllegalArgumentException(
                    "the " + what + " has " + text.length() + " letters; expected at most " + MOST_LETTERS);
        }
    }

    /** This text without a negative one, with {@link PromptSyntax#WEIGHTED}, read at the model's own layer. */
    public Prompt(String text) {
        this(text, "", PromptSyntax.WEIGHTED, 1, OptionalInt.empty(), List.of());
    }

    /** This prompt with another text. */
    public Prompt withText(String text) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens, references);
    }

    /** This prompt with another negative text. */
    public Prompt withNegative(String negative) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens, references);
    }

    /** This prompt read in another way. */
    public Prompt withSyntax(PromptSyntax syntax) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens, references);
    }

    /** This prompt read to another length: see {@link #maxTokens}. */
    public Prompt withMaxTokens(int most) {
        return new Prompt(text, negative, syntax, clipSkip, OptionalInt.of(most), references);
    }

    /** This prompt with these reference images and no others. */
    public Prompt withReferences(List<BufferedImage> references) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens, references);
    }

    /** This prompt read at another layer. */
    public Prompt withClipSkip(int clipSkip) {
        return new Prompt(text, negative, syntax, clipSkip, maxTokens, references);
    }
}
