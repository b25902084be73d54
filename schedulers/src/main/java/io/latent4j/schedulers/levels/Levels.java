package io.latent4j.schedulers.levels;

import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.process.NoiseProcess;
import java.util.List;

/** Which levels of a {@link NoiseProcess} a run visits. Immutable. */
public interface Levels {

    /** What the model was trained with. */
    NoiseProcess process();

    /**
     * The levels of a run, noisiest first, one more than its steps.
     *
     * @throws IllegalArgumentException if {@code steps} is a number or a list that cannot be placed here
     */
    List<NoiseLevel> visited(Steps steps, LatentSize size);

    /** What unit noise is multiplied by to begin a run through {@code visited} from nothing. */
    default double initialScale(List<NoiseLevel> visited) {
        return 1;
    }

    /** A run through {@link #visited}: a step from each level to the next. */
    default Plan plan(Steps steps, LatentSize size) {
        List<NoiseLevel> visited = visited(steps, size);
        return Plan.through(visited, initialScale(visited));
    }
}
