package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.OptionalLong;

/** How a kind of adapter makes the change of a layer's weight from its factors. */
sealed interface Delta permits LowRank, Hadamard, Kronecker {

    /** What this kind is called. */
    String kind();

    /** The number that alpha is divided by; empty where alpha has no effect. */
    OptionalLong rank();

    /**
     * Refuses factors that do not make a change of this shape.
     *
     * @throws IllegalArgumentException naming the key, its shape and the one expected
     */
    void check(Shape weight);

    /** The change as a matrix, (out, in) or (out, in · k · k). */
    NDArray matrix(Factors factors);

    /**
     * The kind that a layer's tensors are of.
     *
     * @throws IllegalArgumentException if some are missing, or their ranks disagree
     */
    static Delta of(StoredLayer layer) {
        boolean hadamard = layer.has(Role.HADA_W1_A) || layer.has(Role.HADA_W1_B) || layer.has(Role.HADA_W2_A);
        boolean kronecker =
                layer.tensors().keySet().stream().anyMatch(role -> role.name().startsWith("LOKR_"));
        boolean lowRank = layer.has(Role.DOWN) || layer.has(Role.UP);
        if ((hadamard ? 1 : 0) + (kronecker ? 1 : 0) + (lowRank ? 1 : 0) > 1) {
            throw new IllegalArgumentException(
                    layer.name() + " has tensors of several kinds of adapters; expected one");
        }
        return hadamard ? new Hadamard(layer) : kronecker ? new Kronecker(layer) : new LowRank(layer);
    }

    /**
     * A core tensor multiplied on both sides (Tucker's form): {@code Σ t[i, j, k, l] · out[i, p] · in[j, r]}, as a matrix
     * (p, r · k · l).
     *
     * @param t (i, j, k, l)
     * @param out (i, p)
     * @param in (j, r)
     */
    static NDArray tucker(NDArray t, NDArray out, NDArray in) {
        long i = t.getShape().get(0);
        long j = t.getShape().get(1);
        long kernel = t.size() / (i * j);
        long r = in.getShape().get(1);
        NDArray left = out.transpose().matMul(t.reshape(i, -1)).reshape(-1, j, kernel); // (p, j, k·l)
        NDArray right = left.transpose(0, 2, 1).reshape(-1, j).matMul(in); // (p·k·l, r)
        return right.reshape(-1, kernel, r).transpose(0, 2, 1).reshape(-1, r * kernel);
    }
}
