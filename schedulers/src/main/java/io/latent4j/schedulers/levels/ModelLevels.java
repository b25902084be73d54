package io.latent4j.schedulers.levels;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import java.util.Optional;
import java.util.function.Function;

/** The levels that suit the process a model was trained with. */
public final class ModelLevels {
    private ModelLevels() {}

    /** What {@link #of} reads, with {@code trained} for those of a schedule of training timesteps. */
    public static Keys keys(Keys trained) {
        return trained.on(ProcessKind.TRAINED_SCHEDULE)
                .and(FlowLevels.KEYS.on(ProcessKind.RECTIFIED_FLOW))
                .and(EdmLevels.KEYS.on(ProcessKind.EDM));
    }

    /** What {@link #ofSolver} reads of any model. */
    public static final Keys SOLVER_KEYS = keys(SolverLevels.KEYS)
            .and(Keys.of("final_sigmas_type").and(Keys.STRETCHING).on(ProcessKind.RECTIFIED_FLOW));

    /**
     * The levels of a method that may begin with noise alone.
     *
     * @param trained those for a schedule of training timesteps
     */
    public static Levels of(SchedulerConfig config, Function<SchedulerConfig, ? extends Levels> trained) {
        return switch (config.kind()) {
            case TRAINED_SCHEDULE -> trained.apply(config);
            case RECTIFIED_FLOW -> FlowLevels.from(config);
            case EDM -> EdmLevels.from(config);
        };
    }

    /**
     * The levels of a method that follows λ.
     *
     * @param trained those for a schedule of training timesteps
     * @param grid those for a flow
     * @param last where a run along a flow ends; empty to stay where its last step begins
     */
    public static Levels ofSolver(
            SchedulerConfig config,
            Function<SchedulerConfig, ? extends Levels> trained,
            FlowGrid grid,
            Function<SchedulerConfig, Optional<NoiseLevel>> last) {
        return switch (config.kind()) {
            case TRAINED_SCHEDULE -> trained.apply(config);
            case RECTIFIED_FLOW -> FlowLevels.from(config, grid, last.apply(config));
            case EDM -> EdmLevels.from(config);
        };
    }
}
