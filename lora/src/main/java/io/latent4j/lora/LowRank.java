package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.OptionalLong;

/**
 * LoRA (<a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>, equation 3): {@code up · down}; for convolutions
 * LoCon, in which down is a convolution and up is pointwise, or, with a tensor in the middle, both are pointwise around it
 * (<a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2021</a>, proposition 3).
 */
record LowRank(StoredLayer layer) implements Delta {

    LowRank {
        long rank = layer.size(Role.DOWN, 0);
        long upRank = layer.size(Role.UP, 1);
        if (rank != (layer.has(Role.MID) ? layer.size(Role.MID, 1) : upRank)
                || upRank != (layer.has(Role.MID) ? layer.size(Role.MID, 0) : rank)) {
            throw new IllegalArgumentException(
                    "the ranks of " + layer.tensor(Role.DOWN).key() + " "
                            + layer.tensor(Role.DOWN).shape() + " and "
                            + layer.tensor(Role.UP).key() + " "
                            + layer.tensor(Role.UP).shape() + " disagree; expected equal ones");
        }
    }

    @Override
    public String kind() {
        Shape down = layer.tensor(Role.DOWN).shape();
        boolean wide = down.dimension() == 4 && down.get(2) > 1;
        return wide || layer.has(Role.MID) ? "LoCon" : "LoRA";
    }

    @Override
    public OptionalLong rank() {
        return OptionalLong.of(layer.size(Role.DOWN, 0));
    }

    @Override
    public void check(Shape weight) {
        long rank = layer.size(Role.DOWN, 0);
        long out = weight.get(0);
        long in = weight.get(1);
        layer.check(Role.UP, new Shape(out, layer.size(Role.UP, 1)), new Shape(out, layer.size(Role.UP, 1), 1, 1));
        boolean pointwise = weight.dimension() == 2 || weight.get(2) == 1;
        if (pointwise || layer.has(Role.MID)) {
            layer.check(Role.DOWN, new Shape(rank, in), new Shape(rank, in, 1, 1));
        } else {
            layer.check(Role.DOWN, new Shape(rank, in, weight.get(2), weight.get(3)));
        }
        if (layer.has(Role.MID)) {
            Shape mid = new Shape(layer.size(Role.MID, 0), layer.size(Role.MID, 1));
            layer.check(Role.MID, weight.dimension() == 2 ? mid : mid.add(weight.get(2), weight.get(3)));
        }
    }

    /** Down, with the middle multiplied in: (rank, in) or (rank, in · k · k). */
    NDArray down(Factors factors) {
        NDArray down = factors.rows(Role.DOWN);
        if (!factors.has(Role.MID)) {
            return down;
        }
        NDArray mid = factors.get(Role.MID);
        return Delta.tucker(mid, mid.getManager().eye((int) mid.getShape().get(0)), down);
    }

    NDArray up(Factors factors) {
        return factors.rows(Role.UP);
    }

    @Override
    public NDArray matrix(Factors factors) {
        return up(factors).matMul(down(factors));
    }
}
