package io.latent4j.schedulers.levels;

import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.RectifiedFlow;
import io.latent4j.schedulers.spacing.FlowShift;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.DoubleStream;

/**
 * The levels of a rectified flow: evenly spaced, moved towards noise, stretched to end at a level of one's own, and spaced
 * anew between their ends, in this order and each where it is asked for. Timesteps and sigmas that a user lists are moved
 * and stretched too, as in the reference implementation; the last sigma of a list is where the run ends.
 *
 * @param grid where the evenly spaced levels lie, and which timesteps the network is told
 * @param shift how far they are moved
 * @param sigmas how they are spaced anew
 * @param terminal where the last step begins
 * @param last where a run ends; empty for a run that ends where its last step begins, so that this changes nothing
 */
public record FlowLevels(
        RectifiedFlow process,
        FlowGrid grid,
        FlowShift shift,
        Optional<SigmaSpacing> sigmas,
        OptionalDouble terminal,
        Optional<NoiseLevel> last)
        implements Levels {
    /** What {@link #from(SchedulerConfig)} reads. */
    public static final Keys KEYS = Keys.of(
                    "invert_sigmas", "use_dynamic_shifting", "shift_terminal", SchedulerConfig.EQUAL_STEPS)
            .and(Keys.of(SchedulerConfig.SHIFT_BY_STEPS).only(SchedulerConfig::movesBySize))
            .and(Keys.of("base_shift", "max_shift", "base_image_seq_len", "max_image_seq_len", "time_shift_type")
                    .only(config -> config.movesBySize() && !config.flag(SchedulerConfig.SHIFT_BY_STEPS, false)))
            .and(Keys.of("flow_shift")
                    .when(config -> config.number("flow_shift").isEmpty(), "shift")
                    .only(config -> !config.movesBySize()))
            .and(Keys.SPACING);

    /** Those that are of any kind of noise: the others were made for schedules of training timesteps. */
    private static final Set<SpacingName> SPACINGS =
            Set.of(SpacingName.KARRAS, SpacingName.EXPONENTIAL, SpacingName.POLYEXPONENTIAL, SpacingName.BETA);

    public FlowLevels {
        if (terminal.isPresent() && !(terminal.getAsDouble() >= 0 && terminal.getAsDouble() < 1)) {
            throw new IllegalArgumentException(
                    "shift_terminal is " + terminal.getAsDouble() + "; expected 0 or more, below 1");
        }
    }

    /** From noise alone, evenly spaced, to {@link NoiseLevel#CLEAN}. */
    public FlowLevels(RectifiedFlow process, FlowShift shift) {
        this(
                process,
                FlowGrid.FROM_NOISE_ALONE,
                shift,
                Optional.empty(),
                OptionalDouble.empty(),
                Optional.of(NoiseLevel.CLEAN));
    }

    /** The levels of a method that may begin with noise alone. */
    public static FlowLevels from(SchedulerConfig config) {
        boolean equal = config.flag(SchedulerConfig.EQUAL_STEPS, false);
        return from(config, equal ? FlowGrid.EQUAL_STEPS : FlowGrid.FROM_NOISE_ALONE, Optional.of(NoiseLevel.CLEAN));
    }

    /** The levels of a method that follows λ, for which noise alone is endlessly far away. */
    public static FlowLevels from(SchedulerConfig config, FlowGrid grid, Optional<NoiseLevel> last) {
        config.refuseFlags("invert_sigmas");
        config.spacing().name().filter(name -> !SPACINGS.contains(name)).ifPresent(name -> {
            throw config.error("the spacing", name.word(), "karras, exponential, polyexponential or beta in a flow");
        });
        Optional<SigmaSpacing> sigmas = config.spacing().sigmas();
        return new FlowLevels(
                config.flow(),
                grid,
                config.flowShift(),
                grid == FlowGrid.FROM_NOISE_ALONE || grid == FlowGrid.EQUAL_STEPS
                        ? sigmas
                        : sigmas.map(spacing -> new TrainedRatios(spacing, config.noiseWithSignal())),
                config.number("shift_terminal"),
                last);
    }

    @Override
    public List<NoiseLevel> visited(Steps steps, LatentSize size) {
        double factor = shift.factor(size, steps.count());
        double[] moved = DoubleStream.of(starts(steps))
                .map(sigma -> FlowShift.shifted(sigma, factor))
                .toArray();
        double[] spaced = spaced(terminal.isPresent() ? stretched(moved, terminal.getAsDouble()) : moved);
        List<NoiseLevel> levels = new ArrayList<>(grid.levels(process, spaced));
        levels.add(end(steps, factor).orElse(levels.get(levels.size() - 1)));
        return levels;
    }

    /** The sigmas that steps begin at before they are moved, noisiest first. */
    private double[] starts(Steps steps) {
        if (steps instanceof Steps.Sigmas list) {
            checkFirst("sigmas", list.sigmas().get(0), 1);
            return list.sigmas().stream()
                    .limit(list.count())
                    .mapToDouble(grid::listed)
                    .toArray();
        }
        if (steps instanceof Steps.Timesteps list) {
            checkFirst("timesteps", list.timesteps().get(0), process.timesteps());
            return list.timesteps().stream()
                    .mapToDouble(t -> (double) (float) (t / process.timesteps()))
                    .toArray();
        }
        if (steps.count() < 1 || steps.count() > process.timesteps()) {
            throw new IllegalArgumentException("steps is " + steps.count() + "; expected 1 to " + process.timesteps()
                    + ", the timesteps the model was trained on");
        }
        return grid.sigmas(steps.count(), 1.0 / process.timesteps(), shift);
    }

    private static void checkFirst(String what, double first, double most) {
        if (first > most) {
            throw new IllegalArgumentException("the list of " + what + " begins with " + first + "; expected at most "
                    + most + ", which is noise alone in a flow");
        }
    }

    /** {@code sigmas} with their distances from 1 multiplied so that the last is {@code terminal}. */
    private static double[] stretched(double[] sigmas, double terminal) {
        double scale = (1 - sigmas[sigmas.length - 1]) / (1 - terminal);
        return DoubleStream.of(sigmas)
                .map(sigma -> scale == 0 ? sigma : 1 - (1 - sigma) / scale)
                .toArray();
    }

    private double[] spaced(double[] even) {
        return sigmas.filter(s -> even.length > 1)
                .map(s -> s.ratios(even.length, even[0], even[even.length - 1]))
                .orElse(even);
    }

    private Optional<NoiseLevel> end(Steps steps, double factor) {
        return steps instanceof Steps.Sigmas list
                ? Optional.of(
                        process.ofSigma((float) FlowShift.shifted(list.sigmas().get(list.count()), factor)))
                : last;
    }
}
