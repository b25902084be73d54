package io.latent4j.core.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.OptionalInt;

/**
 * DeepCache (<a href="https://arxiv.org/abs/2312.00858">Ma et al. 2023</a>, section 3.2): the deep features of a U change
 * slowly from one evaluation to the next. With skips s_0 … s_n, from the first convolution's output to the coarsest level's,
 * and up layers U_0 … U_n, of which U_i takes s_i along,
 *
 * <pre>{@code
 * full:     F = U_{b+1}(s_{b+1}, U_{b+2}(…)),  output U_0(s_0, … U_b(s_b, F))
 * partial:  s_0 … s_b are computed anew,       output U_0(s_0, … U_b(s_b, F)) with the F of the last full evaluation
 * }</pre>
 *
 * where b is the branch. One evaluation of {@code interval} is full, and the rest are partial; the count begins anew where an
 * evaluation does not follow the one before.
 */
public final class DeepCache {
    private final int interval;
    private final int branch;
    private final KeptArrays kept;
    private Evaluation last;
    private int sinceFull;
    private boolean partial;
    private int fulls;
    private int partials;

    DeepCache(int interval, int branch, NDManager manager) {
        this.interval = interval;
        this.branch = branch;
        kept = new KeptArrays(manager);
    }

    /** @param whole whether the evaluation has to be full */
    void begin(Evaluation at, boolean whole) {
        partial = !whole && kept.has(this) && sinceFull < interval && at.follows(last);
        sinceFull = partial ? sinceFull + 1 : 1;
        last = at;
        if (partial) {
            partials++;
        } else {
            fulls++;
        }
    }

    /** How many skips the evaluation computes, from the finest, where it is partial; empty where it is full. */
    public OptionalInt skips() {
        return partial ? OptionalInt.of(branch + 1) : OptionalInt.empty();
    }

    /** F, in an array of the open scope. */
    public NDArray feature(NDArray like) {
        return kept.copy(this, like.getManager());
    }

    /** Keeps the input {@code h} of U_{@code skip} if it is F, and this is a full evaluation. */
    public void offer(int skip, NDArray h) {
        if (!partial && skip == branch) {
            kept.keep(this, h);
        }
    }

    /** How many evaluations were full. */
    public int fulls() {
        return fulls;
    }

    /** How many evaluations were partial. */
    public int partials() {
        return partials;
    }
}
