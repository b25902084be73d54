package io.latent4j.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.ops.Ops;
import java.util.IdentityHashMap;

/**
 * Statistics of group normalizations for parts of an image that are to come out as parts of one. First samples of the
 * image go through the network, of which each is normalized by itself, all its parts together and without their edges;
 * what that came to on average is used after {@link #settle}. Of one run through a network, and one thread.
 */
public final class SharedNorms implements AutoCloseable {
    private final IdentityHashMap<GroupNorm, NDArray> sums = new IdentityHashMap<>(); // (2, C): scale and shift
    private int samples;
    private boolean settled;

    /** A sample is about to go through. */
    public void sample() {
        samples++;
    }

    /** All samples are through: from now on all is normalized by their average. */
    public void settle() {
        sums.values().forEach(sum -> sum.divi(samples));
        settled = true;
    }

    NDArray apply(GroupNorm norm, Pass pass, NDArray x) {
        if (settled) {
            return Ops.scaledAndShifted(x, sums.get(norm));
        }
        NDArray own = norm.scaleAndShift(pass, x);
        NDArray sum = sums.get(norm);
        if (sum == null) {
            NDArray first = own.duplicate();
            NDScope.unregister(first);
            sums.put(norm, first);
        } else {
            sum.addi(own);
        }
        return Ops.scaledAndShifted(x, own);
    }

    @Override
    public void close() {
        sums.values().forEach(NDArray::close);
        sums.clear();
    }
}
