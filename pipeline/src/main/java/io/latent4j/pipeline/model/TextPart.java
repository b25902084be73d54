package io.latent4j.pipeline.model;

import io.latent4j.lora.LoraPart;

/**
 * A text encoder as a family of models has it.
 *
 * @param suffix of its folders: {@code text_encoder} and {@code tokenizer} with {@code _2} for a second one
 * @param part what adapters call it
 * @param isOptional whether there are models of the family without it
 * @param vector which of a learned word's vectors is for it, from 0
 * @param vectors how many vectors the family's learned words have
 */
public record TextPart(String suffix, LoraPart part, boolean isOptional, int vector, int vectors) {

    /** The only text encoder of a family. */
    public static TextPart only() {
        return new TextPart("", LoraPart.TEXT_ENCODER, false, 0, 1);
    }

    String encoder() {
        return "text_encoder" + suffix;
    }

    String tokenizer() {
        return "tokenizer" + suffix;
    }
}
