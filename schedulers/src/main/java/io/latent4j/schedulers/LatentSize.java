package io.latent4j.schedulers;

import ai.djl.ndarray.types.Shape;

/**
 * The size of a run's latents, for methods whose noise levels depend on it.
 *
 * @param height in positions of the latents, not pixels
 * @param width likewise
 */
public record LatentSize(long height, long width) {
    /** Stands for a size that nobody told: levels that depend on the size refuse it. */
    public static final LatentSize UNTOLD = new LatentSize(0, 0);

    private static final int PATCH = 2;

    public LatentSize {
        if (height < 0 || width < 0) {
            throw new IllegalArgumentException(
                    "the latents are " + height + " high and " + width + " wide; expected neither below 0");
        }
    }

    /** That of latents of a shape (N, C, H, W). */
    public static LatentSize of(Shape latents) {
        return new LatentSize(latents.get(latents.dimension() - 2), latents.get(latents.dimension() - 1));
    }

    /**
     * How many tokens a transformer makes of the latents, each of 2 × 2 positions.
     *
     * @throws IllegalArgumentException for {@link #UNTOLD}
     */
    public long tokens() {
        checkTold();
        return (height / PATCH) * (width / PATCH);
    }

    /**
     * How many positions the latents have.
     *
     * @throws IllegalArgumentException for {@link #UNTOLD}
     */
    public long positions() {
        checkTold();
        return height * width;
    }

    private void checkTold() {
        if (equals(UNTOLD)) {
            throw new IllegalArgumentException(
                    "the levels of this model's runs depend on the size of the latents, which"
                            + " is not known; expected it to be planned with one");
        }
    }
}
