package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.OptionalLong;

/**
 * LoKr: the Kronecker product of two matrices, each whole or of low rank (<a
 * href="https://arxiv.org/abs/2309.14859">Yeh et al. 2023</a>, section 3.3). The second may be in Tucker's form. Where both
 * are whole there is no rank, and alpha has no effect.
 */
record Kronecker(StoredLayer layer) implements Delta {

    Kronecker {
        if (!layer.has(Role.LOKR_W1)) {
            agree(layer, layer.size(Role.LOKR_W1_A, 1), layer.size(Role.LOKR_W1_B, 0));
        }
        if (!layer.has(Role.LOKR_W2)) {
            long rank = layer.size(Role.LOKR_W2_B, 0);
            if (layer.has(Role.LOKR_T2)) {
                agree(layer, layer.size(Role.LOKR_T2, 0), layer.size(Role.LOKR_W2_A, 0));
                agree(layer, layer.size(Role.LOKR_T2, 1), rank);
            } else {
                agree(layer, layer.size(Role.LOKR_W2_A, 1), rank);
            }
            if (!layer.has(Role.LOKR_W1)) {
                agree(layer, layer.size(Role.LOKR_W1_B, 0), rank);
            }
        }
    }

    private static void agree(StoredLayer layer, long one, long other) {
        if (one != other) {
            throw new IllegalArgumentException(
                    "the ranks of " + layer.name() + ".lokr_* are " + one + " and " + other + "; expected equal ones");
        }
    }

    @Override
    public String kind() {
        return "LoKr";
    }

    @Override
    public OptionalLong rank() {
        if (!layer.has(Role.LOKR_W2)) {
            return OptionalLong.of(layer.size(Role.LOKR_W2_B, 0));
        }
        return layer.has(Role.LOKR_W1) ? OptionalLong.empty() : OptionalLong.of(layer.size(Role.LOKR_W1_B, 0));
    }

    @Override
    public void check(Shape weight) {
        boolean whole = layer.has(Role.LOKR_W1);
        long a = whole ? layer.size(Role.LOKR_W1, 0) : layer.size(Role.LOKR_W1_A, 0);
        long b = whole
                ? layer.matrix(Role.LOKR_W1).shape().size() / a
                : layer.matrix(Role.LOKR_W1_B).shape().size() / layer.size(Role.LOKR_W1_B, 0);
        long out = weight.get(0);
        long row = weight.size() / out;
        if (out % a != 0 || weight.get(1) % b != 0) {
            throw new IllegalArgumentException(layer.name() + ".lokr_w1 is (" + a + ", " + b
                    + "); expected sizes that divide those of the weight, " + weight);
        }
        long c = out / a;
        long m = row / b;
        long d = weight.get(1) / b;
        Shape kernel = weight.slice(2);
        if (layer.has(Role.LOKR_W2)) {
            layer.check(Role.LOKR_W2, new Shape(c, d).addAll(kernel), new Shape(c, m));
        } else if (layer.has(Role.LOKR_T2)) {
            long rank = rank().getAsLong();
            layer.check(Role.LOKR_T2, new Shape(rank, rank).addAll(kernel));
            layer.check(Role.LOKR_W2_A, new Shape(rank, c));
            layer.check(Role.LOKR_W2_B, new Shape(rank, d));
        } else {
            long rank = rank().getAsLong();
            layer.check(Role.LOKR_W2_A, new Shape(c, rank));
            layer.check(Role.LOKR_W2_B, new Shape(rank, m), new Shape(rank, d).addAll(kernel));
        }
    }

    @Override
    public NDArray matrix(Factors factors) {
        NDArray w1 = factors.has(Role.LOKR_W1)
                ? factors.rows(Role.LOKR_W1)
                : factors.rows(Role.LOKR_W1_A).matMul(factors.rows(Role.LOKR_W1_B));
        NDArray w2 = second(factors);
        long a = w1.getShape().get(0);
        long b = w1.getShape().get(1);
        long c = w2.getShape().get(0);
        long m = w2.getShape().get(1);
        return w1.reshape(a, 1, b, 1).mul(w2.reshape(1, c, 1, m)).reshape(a * c, b * m);
    }

    private static NDArray second(Factors factors) {
        if (factors.has(Role.LOKR_W2)) {
            return factors.rows(Role.LOKR_W2);
        }
        return factors.has(Role.LOKR_T2)
                ? Delta.tucker(factors.get(Role.LOKR_T2), factors.get(Role.LOKR_W2_A), factors.get(Role.LOKR_W2_B))
                : factors.rows(Role.LOKR_W2_A).matMul(factors.rows(Role.LOKR_W2_B));
    }
}
