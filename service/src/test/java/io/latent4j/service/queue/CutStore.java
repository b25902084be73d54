package io.latent4j.service.queue;

import io.latent4j.service.store.JobStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store that can be made unreachable. */
final class CutStore {
    private final JobStore real;
    private final List<String> called;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    CutStore(JobStore real) {
        this(real, new ArrayList<>());
    }

    /** @param called gets the names of methods as they are called */
    CutStore(JobStore real, List<String> called) {
        this.real = real;
        this.called = called;
    }

    void cut(boolean cut) {
        this.cut = cut;
    }

    /** The next call of this method does its work, and fails then. */
    void failAfter(String method) {
        failing.add(method);
    }

    /** Whether a method is still to fail. */
    boolean isFailing() {
        return !failing.isEmpty();
    }

    JobStore store() {
        return (JobStore) Proxy.newProxyInstance(
                JobStore.class.getClassLoader(), new Class<?>[] {JobStore.class}, (proxy, method, arguments) -> {
                    synchronized (called) {
                        called.add(method.getName());
                    }
                    if (cut) {
                        throw new IllegalStateException("the store is cut off");
                    }
                    try {
                        Object result = method.invoke(real, arguments);
                        if (failing.remove(method.getName())) {
                            throw new IllegalStateException("the answer is lost");
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
