package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import java.io.IOException;
import java.util.Optional;

/** The noise of a case: that of the start first, then that of the steps. */
final class RecordedNoise implements NoiseSource {
    private final NDArray start;
    private final Optional<NDArray> steps;
    private int drawn;

    private RecordedNoise(NDArray start, Optional<NDArray> steps) {
        this.start = start;
        this.steps = steps;
    }

    /** The start's noise, and the steps' from input {@code name}, (steps, N, C, H, W), where there is one. */
    static RecordedNoise of(CaseFile file, NDArray start, String name) throws IOException {
        return new RecordedNoise(start, file.findIn(name));
    }

    @Override
    public NDArray like(NDArray latents) {
        int draw = drawn++;
        if (draw == 0) {
            return start.duplicate();
        }
        return steps.orElseThrow(
                        () -> new IllegalStateException("noise was drawn in a step, where the reference draws none"))
                .get(draw - 1);
    }
}
