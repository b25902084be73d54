package io.latent4j.schedulers.process;

import io.latent4j.schedulers.NoiseLevel;
import java.util.ArrayList;
import java.util.List;

/**
 * The noise of a rectified flow, {@code x = (1 − sigma) · x0 + sigma · eps}: <a
 * href="https://arxiv.org/abs/2403.03206">Esser et al. 2024</a>. The network is told sigma times the number of training
 * timesteps.
 *
 * @param timesteps how many the model was trained on
 * @param shift how far levels are moved towards noise, as larger images need it; 1 leaves them
 */
public record FlowSchedule(int timesteps, double shift) {

    public FlowSchedule {
        if (timesteps < 1 || !(shift > 0 && shift < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the flow has " + timesteps + " timesteps and shift " + shift
                    + "; expected at least 1 timestep and a finite shift above 0");
        }
    }

    /** {@code sigma}, 0 to 1, moved towards noise: equation 23. */
    public double shifted(double sigma) {
        return shift * sigma / (1 + (shift - 1) * sigma);
    }

    /** The level with {@code sigma} noise. */
    public NoiseLevel level(double sigma) {
        return sigma == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofFlow((float) (sigma * timesteps), sigma);
    }

    /** From noise alone to the last trained timestep in {@code steps} even strides, then shifted; and to no noise. */
    public List<NoiseLevel> path(int steps) {
        if (steps < 1 || steps > timesteps) {
            throw new IllegalArgumentException(
                    "steps is " + steps + "; expected 1 to " + timesteps + ", the timesteps the model was trained on");
        }
        double last = shifted(1.0 / timesteps);
        List<NoiseLevel> levels = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            double done = steps == 1 ? 0 : (double) i / (steps - 1);
            levels.add(level((float) shifted(1 + done * (last - 1))));
        }
        levels.add(NoiseLevel.CLEAN);
        return levels;
    }
}
