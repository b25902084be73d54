package io.latent4j.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.memory.Scopes;
import io.latent4j.core.nn.Projection;
import io.latent4j.core.ops.Ops;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * An adapter of one layer: its change {@code dW = factor · delta}, and, with DoRA (<a
 * href="https://arxiv.org/abs/2402.09353">Liu et al. 2024</a>, equation 5), the lengths m that the changed weight's rows or
 * columns get.
 *
 * <p>Programs disagree on what a strength s does to DoRA. For rows it is here as in PEFT, {@code m · (W + s · dW) / |W +
 * s · dW|}; for columns, as older files have them, {@code W + s · (m · (W + dW) / |W + dW| - W)}. At s = 1 all agree.
 *
 * @param factor alpha / rank
 */
record BoundLayer(LayerNames.Layer layer, Delta delta, Lengths lengths, Factors factors, double factor) {
    private static final double SHORTEST = 1e-12; // by which is divided

    Projection projection() {
        return layer.projection();
    }

    /** The layer's own weight, in float32. */
    private NDArray weight() {
        return projection().weight().numbers();
    }

    /** What the layer's weight changes by, of its shape and float32. Belongs to the caller's scope. */
    NDArray change(double strength) {
        return Scopes.scoped(() -> {
            NDArray dw = Ops.mul(delta.matrix(factors), factor); // (out, in · k · k)
            NDArray change = switch (lengths) {
                case NONE -> Ops.mul(dw, strength);
                case ROWS -> rowsChange(Ops.mul(dw, strength));
                case COLUMNS -> Ops.mul(columnsChange(dw), strength);
            };
            return change.reshape(layer.weight());
        });
    }

    private NDArray rowsChange(NDArray dw) {
        NDArray w = weight().reshape(dw.getShape());
        NDArray v = w.add(dw);
        NDArray length = Ops.maximum(v.square().sum(new int[] {1}, true).sqrt(), SHORTEST);
        return v.mul(magnitude().reshape(-1, 1).div(length)).sub(w);
    }

    private NDArray columnsChange(NDArray dw) {
        Shape shape = new Shape(layer.weight().get(0), layer.weight().get(1), -1);
        NDArray w = weight().reshape(shape);
        NDArray v = w.add(dw.reshape(shape));
        NDArray length = Ops.maximum(v.square().sum(new int[] {0, 2}, true).sqrt(), SHORTEST);
        return v.mul(magnitude().reshape(1, -1, 1).div(length)).sub(w);
    }

    private NDArray magnitude() {
        return factors.get(factors.has(Role.MAGNITUDE) ? Role.MAGNITUDE : Role.DORA_SCALE);
    }

    /**
     * What is to be added to the layer's output, of its input.
     *
     * @param manager owns the arrays this makes, of the type that the layer computes in
     */
    UnaryOperator<NDArray> share(double strength, NDManager manager) {
        Projection projection = projection();
        if (lengths == Lengths.NONE && delta instanceof LowRank lowRank && isThin()) {
            NDArray down = kept(manager, () -> down(lowRank));
            NDArray up = kept(manager, () -> up(lowRank, strength));
            return x -> projection.lowRank(x, down, up);
        }
        NDArray change = kept(manager, () -> change(strength));
        return x -> projection.product(x, change);
    }

    /** Whether the factors in turn are less work than their product: a file may have any rank, however narrow the layer. */
    private boolean isThin() {
        long out = layer.weight().get(0);
        return lowRankSize() <= Math.min(out, layer.weight().size() / out);
    }

    private NDArray down(LowRank lowRank) {
        return lowRank.down(factors)
                .reshape(new Shape(lowRankSize(), layer.weight().get(1))
                        .addAll(layer.weight().slice(2)));
    }

    private NDArray up(LowRank lowRank, double strength) {
        Shape kernel = layer.weight().slice(2);
        Shape unit = kernel.dimension() == 0 ? kernel : new Shape(1, 1);
        return Ops.mul(lowRank.up(factors), strength * factor)
                .reshape(new Shape(layer.weight().get(0), lowRankSize()).addAll(unit));
    }

    private long lowRankSize() {
        return factors.get(Role.UP).size() / layer.weight().get(0);
    }

    /** What is to be added to the layer's output at strength 1, computed anew so that the factors get gradients. */
    NDArray recorded(NDArray x, Optional<float[]> mask) {
        return Scopes.scoped(() -> {
            if (lengths == Lengths.NONE && delta instanceof LowRank lowRank) {
                NDArray down = mask.map(m -> masked(down(lowRank), m)).orElseGet(() -> down(lowRank));
                return projection().lowRank(x, Ops.castLike(down, x), Ops.castLike(up(lowRank, 1), x));
            }
            NDArray change = change(1);
            return projection()
                    .product(x, Ops.castLike(mask.map(m -> masked(change, m)).orElse(change), x));
        });
    }

    /** {@code rows} times a number each. */
    private static NDArray masked(NDArray rows, float[] mask) {
        long[] shape = new long[rows.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[0] = mask.length;
        return rows.mul(Ops.array(rows.getManager(), mask, new Shape(shape)));
    }

    /**
     * A change as a product of matrices.
     *
     * @param down (rank, in · k · k)
     * @param up (out, rank), with all factors in it
     */
    record Product(NDArray down, NDArray up) {}

    /** The change as a product; empty for kinds that are none. */
    Optional<Product> product(double strength) {
        return lengths == Lengths.NONE && delta instanceof LowRank lowRank
                ? Optional.of(new Product(lowRank.down(factors), Ops.mul(lowRank.up(factors), strength * factor)))
                : Optional.empty();
    }

    /** How many things of the layer a dropout can switch off: ranks, or outputs. */
    int widthOfDropout() {
        boolean lowRank = lengths == Lengths.NONE && delta instanceof LowRank;
        return Math.toIntExact(lowRank ? lowRankSize() : layer.weight().get(0));
    }

    /** What the kind is called: LoRA, LoHa with DoRA, and so on. */
    String kind() {
        return delta.kind() + (lengths == Lengths.NONE ? "" : " with DoRA");
    }

    /** The array in the type that the layer computes in, with memory of its own, which no open scope closes. */
    @SuppressWarnings("try")
    private NDArray kept(NDManager manager, Supplier<NDArray> made) {
        try (NDScope scope = new NDScope()) {
            NDArray array = Ops.contiguous(projection().weight().computed(made.get()));
            NDScope.unregister(array);
            array.attach(manager);
            return array;
        }
    }
}
