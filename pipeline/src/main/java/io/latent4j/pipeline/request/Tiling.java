package io.latent4j.pipeline.request;

/**
 * Which images go through the autoencoder in tiles: squares that overlap by a quarter and fade into each other, so that
 * memory grows with a square and not with the image. The result differs a little from that of the whole.
 *
 * @param above images of more pixels than this do
 * @param side of a square in pixels, rounded to what the autoencoder can do
 */
public record Tiling(long above, int side) {
    private static final int SMALLEST = 64;
    private static final int LARGEST = 4096;

    /** Images above two million pixels, which Stable Diffusion's autoencoder would take more than 4 GB for. */
    public static final Tiling AUTO = new Tiling(2 << 20, 768);

    /** No images. */
    public static final Tiling NEVER = new Tiling(Long.MAX_VALUE, 768);

    public Tiling {
        if (above < 0) {
            throw new IllegalArgumentException("tiles begin above " + above + " pixels; expected 0 or more");
        }
        if (side < SMALLEST || side > LARGEST) {
            throw new IllegalArgumentException(
                    "the tile is " + side + " pixels; expected " + SMALLEST + " to " + LARGEST);
        }
    }

    /** Every image that is larger than a square of this side. */
    public static Tiling of(int side) {
        return new Tiling((long) side * side, side);
    }

    /** Whether an image of this size goes in tiles. */
    public boolean cuts(long width, long height) {
        return width * height > above;
    }
}
