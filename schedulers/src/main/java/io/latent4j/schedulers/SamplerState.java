package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run stands: a value, whose arrays belong to whoever runs the loop.
 *
 * @param index the next step of the {@link Plan}; equal to {@link Plan#steps()} when the run is over
 * @param latents (N, C, H, W)
 * @param history what earlier steps left for later ones, in an order only the scheduler knows
 */
public record SamplerState(int index, NDArray latents, List<NDArray> history) {

    public SamplerState {
        history = List.copyOf(history);
    }

    /** Before the first step. */
    public static SamplerState start(NDArray latents) {
        return new SamplerState(0, latents, List.of());
    }

    public SamplerState next(NDArray latents, NDArray... history) {
        return next(latents, List.of(history));
    }

    public SamplerState next(NDArray latents, List<NDArray> history) {
        return new SamplerState(index + 1, latents, history);
    }

    /** This state with other latents in place of its own: for blending in what must not change. */
    public SamplerState withLatents(NDArray latents) {
        return new SamplerState(index, latents, history);
    }

    /** All arrays of this state: what must outlive the step that made it. */
    public List<NDArray> arrays() {
        List<NDArray> arrays = new ArrayList<>(history);
        arrays.add(latents);
        return arrays;
    }

    /** Closes the arrays of this state that {@code next} does not hold. */
    public void closeAllBut(SamplerState next) {
        List<NDArray> kept = next.arrays();
        for (NDArray array : arrays()) {
            if (kept.stream().noneMatch(k -> k == array)) {
                array.close();
            }
        }
    }
}
