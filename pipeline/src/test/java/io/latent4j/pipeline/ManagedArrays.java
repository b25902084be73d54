package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.pipeline.model.Components;

/** The arrays that a model's manager holds, which a run must leave as many as they were. */
public final class ManagedArrays {
    private ManagedArrays() {}

    /** What is done, and may fail. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    public static void staysTheSame(Components parts, Work work) throws Exception {
        int before = parts.manager().getManagedArrays().size();
        work.run();
        assertThat(parts.manager().getManagedArrays().size()).as("arrays").isEqualTo(before);
    }
}
