package io.latent4j.transformer.layers;

import java.util.OptionalDouble;

/**
 * The shape of an attention.
 *
 * @param width channels of a token
 * @param heads how many there are
 * @param headDim channels of one
 * @param withBias whether its projections have biases
 * @param normEpsilon added to the mean squares by which each head's queries and keys are divided (RMSNorm); empty where they
 *     are used as they are
 */
public record HeadShape(long width, long heads, long headDim, boolean withBias, OptionalDouble normEpsilon) {

    /** Heads that share a token's channels, with biases. */
    public static HeadShape sharing(long heads, long headDim, OptionalDouble normEpsilon) {
        return new HeadShape(heads * headDim, heads, headDim, true, normEpsilon);
    }

    /** The same without biases. */
    public HeadShape withoutBias() {
        return new HeadShape(width, heads, headDim, false, normEpsilon);
    }

    /** Channels of all heads together. */
    long inner() {
        return heads * headDim;
    }
}
