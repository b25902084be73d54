package io.latent4j.pipeline.request;

import java.util.List;

/**
 * Perturbed-attention guidance (<a href="https://arxiv.org/abs/2403.17377">Ahn et al. 2024</a>): away from what the network
 * predicts where some of its layers cannot see how parts of the image go together. It needs no negative side.
 *
 * @param scale how far, 0 to 100; 0 is not at all, and costs nothing
 * @param layers names of the UNet's tree below which images do not attend to themselves, {@code mid_block} or {@code
 *     up_blocks.1.attentions.0} for instance
 */
public record PerturbedAttention(double scale, List<String> layers) {
    /** No such guidance. */
    public static final PerturbedAttention NONE = new PerturbedAttention(0);

    public PerturbedAttention {
        layers = List.copyOf(layers);
        Checks.check(scale >= 0 && scale <= Guidance.MOST_SCALE, "PAG scale", scale, "0 to " + Guidance.MOST_SCALE);
        Checks.check(!layers.isEmpty(), "the list of PAG's layers", "empty", "one name or more");
    }

    /** In the middle of the UNet, as its authors have it. */
    public PerturbedAttention(double scale) {
        this(scale, List.of("mid_block"));
    }
}
