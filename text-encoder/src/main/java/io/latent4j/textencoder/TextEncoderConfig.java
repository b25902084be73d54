package io.latent4j.textencoder;

/** What others need to know of a text encoder's shape. */
public interface TextEncoderConfig {

    /** Rows of the table of tokens. */
    int vocabularySize();

    /** How many tokens a text may have, with those that frame it. */
    int maxPositions();

    /** Channels of a token's state. */
    int width();

    /** How many layers there are. */
    int layers();

    /** Channels of a text's embedding; 0 for a model that makes none. */
    int projection();
}
