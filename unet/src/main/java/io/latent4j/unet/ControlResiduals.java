package io.latent4j.unet;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.ops.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a control network adds to a UNet. The arrays belong to the scope they were made in.
 *
 * @param down for what each part of the contracting half leaves behind, the finest first, (N, C_i, H_i, W_i); of the finest
 *     parts alone where the UNet computes no more
 * @param parts how many parts there are
 * @param mid for the lowest resolution, where that is computed
 */
public record ControlResiduals(List<NDArray> down, int parts, Optional<NDArray> mid) {
    private static final double LEAST = 0.1;

    public ControlResiduals {
        down = List.copyOf(down);
    }

    /** All of these times {@code factor}. */
    public ControlResiduals scaled(double factor) {
        return mapped(each -> Ops.mul(each, factor));
    }

    /** The finest times 0.1, the lowest resolution as it is, and geometrically between: control without a text to help. */
    public ControlResiduals rising() {
        List<NDArray> risen = new ArrayList<>();
        for (int i = 0; i < down.size(); i++) {
            risen.add(down.get(i).mul(Math.pow(LEAST, 1 - (double) i / parts)));
        }
        return new ControlResiduals(risen, parts, mid);
    }

    /** The sum of these and {@code others}. */
    public ControlResiduals plus(ControlResiduals others) {
        List<NDArray> sums = new ArrayList<>();
        for (int i = 0; i < down.size(); i++) {
            sums.add(down.get(i).add(others.down.get(i)));
        }
        return new ControlResiduals(sums, parts, mid.map(each -> each.add(others.mid.orElseThrow())));
    }

    /** What {@code map} makes of each. */
    public ControlResiduals mapped(UnaryOperator<NDArray> map) {
        return new ControlResiduals(down.stream().map(map).toList(), parts, mid.map(map));
    }
}
