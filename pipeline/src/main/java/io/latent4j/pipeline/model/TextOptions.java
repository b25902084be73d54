package io.latent4j.pipeline.model;

import io.latent4j.textencoder.PromptSyntax;

/**
 * How texts are read.
 *
 * @param syntax whether marks in a text weight its parts
 * @param clipSkip 1 for the encoders' own layer, 2 for the one before it, and so on
 */
public record TextOptions(PromptSyntax syntax, int clipSkip) {}
