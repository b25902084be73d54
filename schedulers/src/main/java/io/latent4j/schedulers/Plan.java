package io.latent4j.schedulers;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run does, step by step, noisiest first.
 *
 * @param stages one a step
 * @param skipped how many steps of the whole run come before the first of these; 0 unless a run starts from an image
 * @param initialScale what unit noise is multiplied by to begin the whole run from nothing
 */
public record Plan(List<Stage> stages, int skipped, double initialScale) {

    /**
     * One step: the network is asked at {@code at}, and the answer moves latents from level {@code from} to level
     * {@code to}. For most methods {@code at} is {@code from}, and {@code to} the {@code from} of the next stage.
     */
    public record Stage(NoiseLevel at, NoiseLevel from, NoiseLevel to) {
        public static Stage of(NoiseLevel from, NoiseLevel to) {
            return new Stage(from, from, to);
        }
    }

    public Plan {
        stages = List.copyOf(stages);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("the plan has no steps; expected at least 1");
        }
    }

    /** A run through {@code levels}, two at least: one step from each to the next. */
    public static Plan through(List<NoiseLevel> levels, double initialScale) {
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i + 1 < levels.size(); i++) {
            stages.add(Stage.of(levels.get(i), levels.get(i + 1)));
        }
        return new Plan(stages, 0, initialScale);
    }

    /** The number of calls of {@link Scheduler#step}. */
    public int steps() {
        return stages.size();
    }

    public Stage stage(int index) {
        return stages.get(index);
    }

    /** The level at which step {@code index} asks the network; for {@code steps()}, the level at which the run ends. */
    public NoiseLevel level(int index) {
        return index == steps() ? stage(index - 1).to() : stage(index).at();
    }

    /** The latents (N, C, H, W) a run from nothing begins with, from N(0, 1) noise of their shape. */
    public NDArray initialLatents(NDArray noise) {
        return noise.mul(initialScale);
    }

    /** The steps from {@code first} on. */
    Plan startingAt(int first) {
        checkFirst(first, steps());
        return new Plan(stages.subList(first, steps()), skipped + first, initialScale);
    }

    public static void checkFirst(int first, int steps) {
        if (first < 0 || first >= steps) {
            throw new IllegalArgumentException(
                    "the first step is " + first + "; expected 0 to " + (steps - 1) + " of this run's " + steps);
        }
    }
}
