package io.latent4j.pipeline.request;

/** What an {@link Upscale} makes larger, and how. */
public enum Upscaler {
    /** The image, by cubic interpolation: it is decoded and encoded again. Keeps shapes at a low strength. */
    PIXELS("Pixels"),
    /** The latents, each repeated: sharp, with blocks that a strength of 0.5 and more paints over. */
    LATENTS_NEAREST("Latent (nearest)"),
    /** The latents, by linear interpolation: soft at a low strength. */
    LATENTS_BILINEAR("Latent"),
    /** The latents, by cubic interpolation. */
    LATENTS_BICUBIC("Latent (bicubic)");

    private final String title;

    Upscaler(String title) {
        this.title = title;
    }

    /** What front ends call it; images carry it. */
    public String title() {
        return title;
    }
}
