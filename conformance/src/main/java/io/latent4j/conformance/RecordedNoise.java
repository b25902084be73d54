package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The noise of a case: what is drawn before the steps first, then that of the steps. */
final class RecordedNoise implements NoiseSource {
    private final List<NDArray> before;
    private final Optional<NDArray> steps;
    private int drawn;

    private RecordedNoise(List<NDArray> before, Optional<NDArray> steps) {
        this.before = List.copyOf(before);
        this.steps = steps;
    }

    /** What is drawn before the steps, and the steps' from input {@code name}, (steps, N, C, H, W), where there is one. */
    static RecordedNoise of(CaseFile file, List<NDArray> before, String name) throws IOException {
        return new RecordedNoise(before, file.findIn(name));
    }

    @Override
    public NDArray like(NDArray latents) {
        int draw = drawn++;
        if (draw < before.size()) {
            return before.get(draw).duplicate();
        }
        return steps.orElseThrow(
                        () -> new IllegalStateException("noise was drawn in a step, where the reference draws none"))
                .get(draw - before.size());
    }
}
