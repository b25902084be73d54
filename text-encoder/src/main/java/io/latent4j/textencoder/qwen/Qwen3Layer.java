package io.latent4j.textencoder.qwen;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.Linear;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.RmsNorm;
import io.latent4j.core.ops.Ops;
import io.latent4j.core.ops.TextOps;
import java.util.List;

/**
 * A transformer layer that normalizes first: causal self-attention in which several heads of queries share one of keys and
 * values (<a href="https://arxiv.org/abs/2305.13245">Ainslie et al. 2023</a>), with queries and keys normalized by head;
 * then a gated perceptron (SwiGLU, <a href="https://arxiv.org/abs/2002.05202">Shazeer 2020</a>, equation 6); each added to
 * what went in. (B, N, width), float32 → same.
 *
 * <p>What is added up is float32 in every precision, because trained models have single numbers there that are far from the
 * others.
 */
final class Qwen3Layer extends NamedBlock {
    /** By which the perceptron's numbers are divided in it, so that they stay in the range of float16; no digit changes. */
    private static final double HEADROOM = 16;

    private final Qwen3Config config;
    private final RmsNorm norm1;
    private final Linear q;
    private final Linear k;
    private final Linear v;
    private final RmsNorm qNorm;
    private final RmsNorm kNorm;
    private final Linear out;
    private final RmsNorm norm2;
    private final Linear gate;
    private final Linear up;
    private final Linear down;

    Qwen3Layer(Qwen3Config config) {
        this.config = config;
        int width = config.width();
        int queries = config.heads() * config.headWidth();
        int keys = config.keyValueHeads() * config.headWidth();
        norm1 = child("input_layernorm", new RmsNorm(width, config.normEpsilon()));
        q = child("self_attn.q_proj", new Linear(width, queries, false));
        k = child("self_attn.k_proj", new Linear(width, keys, false));
        v = child("self_attn.v_proj", new Linear(width, keys, false));
        qNorm = child("self_attn.q_norm", new RmsNorm(config.headWidth(), config.normEpsilon()));
        kNorm = child("self_attn.k_norm", new RmsNorm(config.headWidth(), config.normEpsilon()));
        out = child("self_attn.o_proj", new Linear(queries, width, false));
        norm2 = child("post_attention_layernorm", new RmsNorm(width, config.normEpsilon()));
        gate = child("mlp.gate_proj", new Linear(width, config.mlpWidth(), false));
        up = child("mlp.up_proj", new Linear(width, config.mlpWidth(), false));
        down = child("mlp.down_proj", new Linear(config.mlpWidth(), width, false));
    }

    /**
     * Applies the layer.
     *
     * @param lengths how many tokens of each text are attended to, from the first
     */
    NDArray forward(Pass pass, NDArray x, Rotation rotation, List<Integer> lengths) {
        return pass.stage(
                (within, in) -> {
                    Rotation turned = new Rotation(in.get(1), in.get(2));
                    NDArray attended = attention(within, norm1.forward(within, in.get(0)), turned, lengths);
                    NDArray h = in.get(0).add(Ops.cast(attended, DataType.FLOAT32));
                    NDArray y = perceptron(within, norm2.forward(within, h));
                    return h.add(Ops.mul(Ops.cast(y, DataType.FLOAT32), HEADROOM));
                },
                x,
                rotation.cos(),
                rotation.sin());
    }

    private NDArray attention(Pass pass, NDArray wide, Rotation rotation, List<Integer> lengths) {
        NDArray x = computed(pass, wide);
        NDArray queries = turned(pass, q.forward(pass, x), qNorm, rotation);
        NDArray keys = shared(turned(pass, k.forward(pass, x), kNorm, rotation));
        NDArray values = shared(v.forward(pass, x));
        return out.forward(pass, attended(queries, keys, values, lengths));
    }

    /** Normalizes and turns each head. */
    private NDArray turned(Pass pass, NDArray x, RmsNorm norm, Rotation rotation) {
        Shape shape = x.getShape();
        NDArray heads = x.reshape(shape.get(0), shape.get(1), -1, config.headWidth());
        return rotation.apply(norm.forward(pass, heads)).reshape(shape);
    }

    /** As many heads as queries have, each as often as it is shared. */
    private NDArray shared(NDArray x) {
        int times = config.heads() / config.keyValueHeads();
        return times == 1 ? x : TextOps.repeatHeads(x, config.keyValueHeads(), times);
    }

    /** Tokens see those before them; padding, which stands at the end, sees all tokens of its text and no padding. */
    private NDArray attended(NDArray q, NDArray k, NDArray v, List<Integer> lengths) {
        long tokens = q.getShape().get(1);
        if (lengths.stream().allMatch(length -> length == tokens)) {
            return Ops.causalAttention(q, k, v, config.heads());
        }
        NDList texts = new NDList();
        for (int i = 0; i < lengths.size(); i++) {
            int length = lengths.get(i);
            NDArray keys = k.get("{}:{}, :{}", i, i + 1, length);
            NDArray values = v.get("{}:{}, :{}", i, i + 1, length);
            NDArray own = Ops.causalAttention(q.get("{}:{}, :{}", i, i + 1, length), keys, values, config.heads());
            if (length < tokens) {
                NDArray padding = q.get("{}:{}, {}:", i, i + 1, length);
                own = own.concat(Ops.attention(padding, keys, values, config.heads()), 1);
            }
            texts.add(own);
        }
        return texts.size() == 1 ? texts.get(0) : NDArrays.concat(texts); // of one, DJL's has no gradient
    }

    /** Divided by {@link #HEADROOM}. */
    private NDArray perceptron(Pass pass, NDArray wide) {
        NDArray x = computed(pass, wide);
        NDArray h = TextOps.siluGated(gate.forward(pass, x), Ops.div(up.forward(pass, x), HEADROOM));
        return down.forward(pass, h);
    }

    private NDArray computed(Pass pass, NDArray wide) {
        return pass.enter(q.weight().computed(wide));
    }
}
