package io.latent4j.pipeline;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;

/**
 * Classifier-free guidance (<a href="https://arxiv.org/abs/2207.12598">Ho &amp; Salimans 2022</a>, equation 6, with scale = w
 * + 1).
 *
 * @param scale how far beyond the conditional prediction to go; 1 and below is no guidance
 * @param rescale part of the result whose contrast is that of the conditional prediction (<a
 *     href="https://arxiv.org/abs/2305.08891">Lin et al. 2023</a>, equations 15 and 16)
 */
record Guidance(double scale, double rescale) {

    /** Whether the unconditional prediction plays a part at all. */
    boolean active() {
        return scale > 1;
    }

    /** The guided prediction; all arrays are (N, C, H, W). */
    NDArray apply(NDArray unconditional, NDArray conditional) {
        NDArray guided = unconditional.add(conditional.sub(unconditional).mul(scale));
        if (rescale == 0) {
            return guided;
        }
        NDArray rescaled = guided.mul(Ops.std(conditional).div(Ops.std(guided)));
        return rescaled.mul(rescale).add(guided.mul(1 - rescale));
    }
}
