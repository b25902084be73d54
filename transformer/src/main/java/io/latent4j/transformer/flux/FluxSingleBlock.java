package io.latent4j.transformer.flux;

import static io.latent4j.core.memory.Scopes.scoped;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TransformerOps;
import io.latent4j.transformer.layers.HeadShape;
import io.latent4j.transformer.layers.Modulation;
import io.latent4j.transformer.layers.SelfAttention;
import java.util.List;
import java.util.Optional;

/**
 * A block in which text and image are one sequence, and attention and the feed-forward layer stand side by side (<a
 * href="https://arxiv.org/abs/2302.05442">Dehghani et al. 2023</a>, section 2).
 */
final class FluxSingleBlock extends NamedBlock {
    private final Modulation norm;
    private final SelfAttention attention;
    private final Linear projMlp;
    private final Linear projOut;

    FluxSingleBlock(HeadShape shape) {
        long width = shape.width();
        norm = child("norm", new Modulation(width, 3));
        projMlp = child("proj_mlp", new Linear(width, 4 * width));
        projOut = child("proj_out", new Linear(5 * width, width));
        attention = child("attn", SelfAttention.withoutOutput(shape));
    }

    /** As {@link FluxBlock#forward}. */
    NDArray forward(Pass pass, NDArray joint, NDArray temb, NDArray table) {
        return pass.stage(this::forward, joint, temb, table);
    }

    private NDArray forward(Pass pass, List<NDArray> in) {
        NDArray x = in.get(0);
        NDList m = norm.vectors(pass, in.get(1)); // shift, scale, gate
        NDArray both = scoped(() -> {
            NDArray h = TransformerOps.modulatedNorm(x, m.get(0), m.get(1), FluxTransformer2DModel.EPSILON);
            NDArray attended = attention.forward(pass, h, Optional.of(in.get(2).stopGradient()));
            NDArray wide = scoped(() -> Ops.geluTanh(projMlp.forward(pass, h)));
            return attended.concat(wide, 2); // (N, tokens, 5C)
        });
        return TransformerOps.gatedSum(x, m.get(2), projOut.forward(pass, both));
    }
}
