package io.latent4j.core.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.primitives.Booleans;
import io.latent4j.core.ops.Ops;
import java.util.function.UnaryOperator;

/**
 * First-block cache of transformers: what the first block adds to the tokens tells how much the rest would add. With tokens x,
 * the first block B_1 and the rest R of the blocks, r = B_1(x) − x. An image for which
 *
 * <pre>{@code Σ|r − r'| / Σ|r'| < threshold}</pre>
 *
 * with the r' of its last computed evaluation gets the output B_1(x) + ρ' in place of R(B_1(x)), where ρ' = R(B_1(x')) −
 * B_1(x') is of that evaluation too. The sums run over all predictions of the image, so that guidance does not mix new with
 * old; every image of a batch is decided by itself. All is computed where an evaluation does not
 * follow the one before.
 *
 * <p>Of one run, and one thread.
 */
public final class FirstBlockCache {
    private static final Object FIRST = new Object();
    private static final Object REST = new Object();

    private final double threshold;
    private final KeptArrays kept;
    private Evaluation last;
    private int predictions;
    private boolean fresh;
    private int computed;
    private int reused;

    /** The blocks after the first, for some rows of the batch. */
    @FunctionalInterface
    public interface Rest {
        /**
         * The image's tokens after the last block.
         *
         * @param first all tokens after the first block, of these rows; closed by this
         * @param rows picks them of an array that has all
         */
        NDArray forward(NDArray first, UnaryOperator<NDArray> rows);
    }

    FirstBlockCache(double threshold, NDManager manager) {
        this.threshold = threshold;
        kept = new KeptArrays(manager);
    }

    /** @param whole whether everything has to be computed */
    void begin(Evaluation at, boolean whole) {
        fresh = whole || !kept.has(FIRST) || !at.follows(last);
        predictions = at.predictions();
        last = at;
    }

    /**
     * The image's tokens after the last block, within the caller's scope.
     *
     * @param x tokens before the first block, (N, words + pixels, C); closed by this
     * @param first tokens after it
     * @param words how many tokens, from the first, are a text's, which neither count here nor are in the result
     */
    NDArray apply(NDArray x, NDArray first, long words, Rest rest) {
        NDArray image = image(first, words);
        NDArray r = image.sub(image(x, words));
        x.close();
        boolean[] computes = computes(r);
        int many = Booleans.countTrue(computes);
        computed += many;
        reused += computes.length - many;
        if (many == computes.length) {
            NDArray y = rest.forward(first.duplicate(), rows -> rows);
            kept.keep(FIRST, r);
            kept.keep(REST, y.sub(image));
            return y;
        }
        if (many > 0) {
            NDArray some = rest.forward(picked(first, computes), rows -> picked(rows, computes));
            kept.keep(FIRST, replaced(kept.get(FIRST), picked(r, computes), computes));
            kept.keep(REST, replaced(kept.get(REST), some.sub(picked(image, computes)), computes));
        }
        return image.add(kept.get(REST));
    }

    private static NDArray image(NDArray tokens, long words) {
        return words == 0 ? tokens : tokens.split(new long[] {words}, 1).get(1);
    }

    /** Whether the evaluation of each image goes on after the first block. */
    private boolean[] computes(NDArray r) {
        boolean[] computes = new boolean[Math.toIntExact(r.getShape().get(0)) / predictions];
        for (int i = 0; i < computes.length; i++) {
            computes[i] = fresh || !(change(r, i, computes.length) < threshold);
        }
        return computes;
    }

    /** Σ|r − r'| / Σ|r'| over the predictions of image {@code i}. */
    private double change(NDArray r, int i, int images) {
        NDList now = r.split(r.getShape().get(0));
        NDList before = kept.get(FIRST).split(r.getShape().get(0));
        double difference = 0;
        double size = 0;
        for (int row = i; row < now.size(); row += images) {
            difference += sum(now.get(row).sub(before.get(row)));
            size += sum(before.get(row));
        }
        return difference / size;
    }

    /** The sum of absolute values. */
    private static double sum(NDArray x) {
        return Ops.cast(x, DataType.FLOAT32).abs().sum().getFloat();
    }

    /** The rows of the images that are computed. */
    private static NDArray picked(NDArray x, boolean[] computes) {
        NDList rows = x.split(x.getShape().get(0));
        NDList picked = new NDList();
        for (int row = 0; row < rows.size(); row++) {
            if (computes[row % computes.length]) {
                picked.add(rows.get(row));
            }
        }
        return NDArrays.concat(picked);
    }

    /** {@code all} with {@code some} in place of the rows of the images that are computed. */
    private static NDArray replaced(NDArray all, NDArray some, boolean[] computes) {
        NDList rows = all.split(all.getShape().get(0));
        NDList others = some.split(some.getShape().get(0));
        int next = 0;
        for (int row = 0; row < rows.size(); row++) {
            if (computes[row % computes.length]) {
                rows.set(row, others.get(next++));
            }
        }
        return NDArrays.concat(rows);
    }

    /** How many images of evaluations were computed to the end. */
    public int computed() {
        return computed;
    }

    /** How many images of evaluations ended after the first block. */
    public int reused() {
        return reused;
    }
}
