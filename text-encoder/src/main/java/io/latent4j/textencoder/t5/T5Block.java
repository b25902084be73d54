package io.latent4j.textencoder.t5;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.RmsNorm;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TextOps;
import java.util.List;

/**
 * A transformer layer that normalizes first: self-attention with a bias of the distance, then a gated perceptron (GEGLU,
 * <a href="https://arxiv.org/abs/2002.05202">Shazeer 2020</a>, equation 6, with the approximation of GELU by tanh), each
 * added to what went in. (B, N, width), float32 → same.
 *
 * <p>What is added up is float32 in every precision, because trained models leave the range of float16 there.
 */
final class T5Block extends NamedBlock {
    /** By which the perceptron's numbers are divided in it, so that they stay in the range of float16; no digit changes. */
    private static final double HEADROOM = 16;

    private final int heads;
    private final RmsNorm norm1;
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final Linear out;
    private final RmsNorm norm2;
    private final Linear gate;
    private final Linear up;
    private final Linear down;

    T5Block(T5Config config) {
        int width = config.width();
        int inner = config.heads() * config.headWidth();
        heads = config.heads();
        norm1 = child("layer.0.layer_norm", new RmsNorm(width, config.normEpsilon()));
        q = child("layer.0.SelfAttention.q", new Linear(width, inner, false));
        k = child("layer.0.SelfAttention.k", new Linear(width, inner, false));
        v = child("layer.0.SelfAttention.v", new Linear(width, inner, false));
        out = child("layer.0.SelfAttention.o", new Linear(inner, width, false));
        norm2 = child("layer.1.layer_norm", new RmsNorm(width, config.normEpsilon()));
        gate = child("layer.1.DenseReluDense.wi_0", new Linear(width, config.mlpWidth(), false));
        up = child("layer.1.DenseReluDense.wi_1", new Linear(width, config.mlpWidth(), false));
        down = child("layer.1.DenseReluDense.wo", new Linear(config.mlpWidth(), width, false));
    }

    /**
     * Applies the layer.
     *
     * @param bias by relative position, (heads, 2N − 1): see {@link TextOps#relativeAttention}
     * @param lengths how many tokens of each text are attended to, from the first
     */
    NDArray forward(Pass pass, NDArray x, NDArray bias, List<Integer> lengths) {
        return pass.stage(
                (within, in) -> {
                    NDArray attended = attention(within, norm1.forward(within, in.get(0)), in.get(1), lengths);
                    NDArray h = in.get(0).add(Ops.cast(attended, DataType.FLOAT32));
                    NDArray y = perceptron(within, norm2.forward(within, h));
                    return h.add(Ops.mul(Ops.cast(y, DataType.FLOAT32), HEADROOM));
                },
                x,
                bias);
    }

    private NDArray attention(Pass pass, NDArray wide, NDArray bias, List<Integer> lengths) {
        NDArray x = computed(pass, wide);
        NDArray attended = attended(q.forward(pass, x), k.forward(pass, x), v.forward(pass, x), bias, lengths);
        return out.forward(pass, attended);
    }

    /** Padding, which stands at the end, is left out: its weights would be 0. */
    private NDArray attended(NDArray q, NDArray k, NDArray v, NDArray bias, List<Integer> lengths) {
        long tokens = q.getShape().get(1);
        if (lengths.stream().allMatch(length -> length == tokens)) {
            return TextOps.relativeAttention(q, k, v, heads, bias);
        }
        NDList texts = new NDList();
        for (int i = 0; i < lengths.size(); i++) {
            NDArray keys = k.get("{}:{}, :{}", i, i + 1, lengths.get(i));
            NDArray values = v.get("{}:{}, :{}", i, i + 1, lengths.get(i));
            texts.add(TextOps.relativeAttention(q.get("{}:{}", i, i + 1), keys, values, heads, bias));
        }
        return texts.size() == 1 ? texts.get(0) : NDArrays.concat(texts); // of one, DJL's has no gradient
    }

    /** Divided by {@link #HEADROOM}. */
    private NDArray perceptron(Pass pass, NDArray wide) {
        NDArray x = computed(pass, wide);
        NDArray h = TextOps.geluTanhGated(gate.forward(pass, x), Ops.div(up.forward(pass, x), HEADROOM));
        return down.forward(pass, h);
    }

    private NDArray computed(Pass pass, NDArray wide) {
        return pass.enter(q.weight().computed(wide));
    }
}
