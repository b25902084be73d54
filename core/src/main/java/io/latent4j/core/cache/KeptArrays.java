package io.latent4j.core.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.IdentityHashMap;

/** Copies of arrays that outlive the scopes in which they were made, by the identity of a key. */
final class KeptArrays {
    private final NDManager manager;
    private final IdentityHashMap<Object, NDArray> arrays = new IdentityHashMap<>();

    /** No arrays yet; they are closed with {@code manager}. */
    KeptArrays(NDManager manager) {
        this.manager = manager;
    }

    /** Keeps a copy of {@code x} in place of what {@code key} had. */
    void keep(Object key, NDArray x) {
        NDArray copy = x.duplicate();
        copy.attach(manager);
        NDScope.unregister(copy);
        NDArray old = arrays.put(key, copy);
        if (old != null) {
            old.close();
        }
    }

    boolean has(Object key) {
        return arrays.containsKey(key);
    }

    /** What is kept under {@code key}, which stays this object's. */
    NDArray get(Object key) {
        return arrays.get(key);
    }

    /** A copy of {@link #get} for the open scope. */
    NDArray copy(Object key, NDManager of) {
        NDArray copy = arrays.get(key).duplicate();
        copy.attach(of);
        return copy;
    }
}
