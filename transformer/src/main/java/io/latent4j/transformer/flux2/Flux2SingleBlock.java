package io.latent4j.transformer.flux2;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.TransformerOps;
import io.latent4j.transformer.layers.HeadShape;
import io.latent4j.transformer.layers.ParallelAttention;
import java.util.List;

/** A block in which text and image are one sequence; it is given its modulation. */
final class Flux2SingleBlock extends NamedBlock {
    /** Shift, scale and gate. */
    static final int MODULATIONS = 3;

    private final double epsilon;
    private final ParallelAttention attention;

    Flux2SingleBlock(Flux2Transformer2DConfig config, HeadShape shape) {
        epsilon = config.normEpsilon();
        attention = child("attn", new ParallelAttention(shape, config.hidden()));
    }

    /**
     * Applies the block: (N, words + pixels, C) → same.
     *
     * @param modulation of all tokens, (N, 3C)
     * @param table the tokens' rotations
     */
    NDArray forward(Pass pass, NDArray joint, NDArray modulation, NDArray table) {
        return pass.stage(this::forward, joint, modulation, table);
    }

    private NDArray forward(Pass pass, List<NDArray> in) {
        NDArray x = in.get(0);
        NDList m = in.get(1).split(MODULATIONS, 1);
        NDArray branch = scoped(() -> attention.forward(
                pass,
                TransformerOps.modulatedNorm(x, m.get(0), m.get(1), epsilon),
                in.get(2).stopGradient()));
        return TransformerOps.gatedSum(x, m.get(2), branch);
    }
}
