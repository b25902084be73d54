package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.OptionalLong;

/**
 * LoHa: the elementwise product of two matrices of low rank, or of two in Tucker's form (<a
 * href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2021</a>, propositions 1 and 3).
 */
record Hadamard(StoredLayer layer) implements Delta {

    Hadamard {
        long rank = layer.size(Role.HADA_W1_B, 0);
        boolean agree = layer.size(Role.HADA_W2_B, 0) == rank;
        if (layer.has(Role.HADA_T1) || layer.has(Role.HADA_T2)) {
            for (Role core : new Role[] {Role.HADA_T1, Role.HADA_T2}) {
                agree &= layer.size(core, 0) == rank && layer.size(core, 1) == rank;
            }
            agree &= layer.size(Role.HADA_W1_A, 0) == rank && layer.size(Role.HADA_W2_A, 0) == rank;
        } else {
            agree &= layer.size(Role.HADA_W1_A, 1) == rank && layer.size(Role.HADA_W2_A, 1) == rank;
        }
        if (!agree) {
            throw new IllegalArgumentException(
                    "the ranks of " + layer.name() + ".hada_* disagree; expected " + rank + " as in "
                            + layer.tensor(Role.HADA_W1_B).key() + " "
                            + layer.tensor(Role.HADA_W1_B).shape());
        }
    }

    @Override
    public String kind() {
        return "LoHa";
    }

    @Override
    public OptionalLong rank() {
        return OptionalLong.of(layer.size(Role.HADA_W1_B, 0));
    }

    @Override
    public void check(Shape weight) {
        long rank = rank().getAsLong();
        long out = weight.get(0);
        long in = weight.get(1);
        boolean tucker = layer.has(Role.HADA_T1);
        Shape a = tucker ? new Shape(rank, out) : new Shape(out, rank);
        Shape b = new Shape(rank, tucker ? in : weight.size() / out);
        layer.check(Role.HADA_W1_A, a);
        layer.check(Role.HADA_W2_A, a);
        layer.check(Role.HADA_W1_B, b);
        layer.check(Role.HADA_W2_B, b);
        if (tucker) {
            Shape core = new Shape(rank, rank);
            Shape t = weight.dimension() == 2 ? core : core.add(weight.get(2), weight.get(3));
            layer.check(Role.HADA_T1, t);
            layer.check(Role.HADA_T2, t);
        }
    }

    @Override
    public NDArray matrix(Factors factors) {
        return half(factors, Role.HADA_T1, Role.HADA_W1_A, Role.HADA_W1_B)
                .mul(half(factors, Role.HADA_T2, Role.HADA_W2_A, Role.HADA_W2_B));
    }

    private static NDArray half(Factors factors, Role t, Role a, Role b) {
        return factors.has(t)
                ? Delta.tucker(factors.get(t), factors.get(a), factors.get(b))
                : factors.get(a).matMul(factors.get(b));
    }
}
