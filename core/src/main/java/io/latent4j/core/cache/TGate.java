package io.latent4j.core.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.ops.Ops;
import java.util.function.Supplier;

/**
 * T-GATE (<a href="https://arxiv.org/abs/2404.02747">Zhang et al. 2024</a>, section 4): cross-attention has settled after
 * some steps. In the last step before the gate m, each cross-attention C_l leaves the average of its outputs for the prompt c
 * and the negative prompt ∅,
 *
 * <pre>{@code F_l = (C_l(x_m, c) + C_l(x_m, ∅)) / 2}</pre>
 *
 * which is the layer's output in all later steps. These are not guided: one prediction is made, and it is taken as it is.
 * Where there is no negative prompt, F_l = C_l(x_m, c).
 */
public final class TGate {
    private final int gate;
    private final KeptArrays kept;
    private Evaluation at;
    private int reused;

    TGate(int gate, NDManager manager) {
        this.gate = gate;
        kept = new KeptArrays(manager);
    }

    /** Whether a step lies behind the gate. */
    boolean closed(int step) {
        return step >= gate;
    }

    /** Whether a step is the last before the gate. */
    boolean closesAfter(int step) {
        return step == gate - 1;
    }

    void begin(Evaluation at) {
        this.at = at;
    }

    /**
     * The output of a cross-attention, (N, tokens, C), in an array of the open scope.
     *
     * @param layer by identity
     * @param attention computes it
     */
    public NDArray attend(Object layer, NDArray x, Supplier<NDArray> attention) {
        if (closed(at.step())) {
            reused++;
            return kept.copy(layer, x.getManager());
        }
        NDArray y = attention.get();
        if (closesAfter(at.step())) {
            kept.keep(layer, average(y));
        }
        return y;
    }

    /** F_l of the outputs for all predictions, (predictions · images, tokens, C). */
    private NDArray average(NDArray y) {
        if (at.predictions() == 1) {
            return y;
        }
        NDList each = y.split(at.predictions());
        return at.guided() ? Ops.mul(each.get(0).add(each.get(1)), 0.5) : each.get(0);
    }

    /** How often a cross-attention was reused. */
    public int reused() {
        return reused;
    }
}
