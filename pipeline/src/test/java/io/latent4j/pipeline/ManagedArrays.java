package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

/** The arrays that a model's manager holds, which a run must leave as many as they were. */
final class ManagedArrays {
    private ManagedArrays() {}

    /** What is done, and may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    static void staysTheSame(Components parts, Work work) throws Exception {
        int before = parts.manager().getManagedArrays().size();
        work.run();
        assertThat(parts.manager().getManagedArrays()).hasSize(before);
    }
}
