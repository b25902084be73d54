package io.latent4j.core.config;

/**
 * What the settings of a network may be: several times what published models have, and small enough that building the
 * network's tree takes moments.
 */
public final class NetworkBounds {
    /** Levels of resolution. */
    public static final int LEVELS = 8;

    /** Layers of one level, or transformer blocks of one attention. */
    public static final Bounds LAYERS_OF_A_LEVEL = Bounds.of(1, 32);

    /** Layers of a whole transformer. */
    public static final Bounds LAYERS = Bounds.of(1, 256);

    /** Channels, heads and other widths. */
    public static final Bounds WIDTH = Bounds.of(1, 65_536);

    /** Height and width of a patch, in latents. */
    public static final Bounds PATCH = Bounds.of(1, 16);

    /** Entries of a vocabulary. */
    public static final Bounds VOCABULARY = Bounds.of(1, 2_000_000);

    /** What is added to a variance. */
    public static final Bounds EPSILON = Bounds.positive(1);

    /** Latent height and width; 0 where it is not known. */
    public static final Bounds SAMPLE_SIZE = Bounds.of(0, 512);

    /** Transformer blocks of a whole UNet. */
    public static final int TRANSFORMER_BLOCKS = 1_000;

    private NetworkBounds() {}
}
