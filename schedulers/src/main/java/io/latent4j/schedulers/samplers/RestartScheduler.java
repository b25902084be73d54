package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import com.google.common.collect.ImmutableList;
import io.latent4j.core.config.Counted;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.TrainedLevels;
import io.latent4j.schedulers.spacing.Karras;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Restart sampling: <a href="https://arxiv.org/abs/2306.14878">Xu et al. 2023</a>. {@link HeunScheduler}'s steps, but the
 * plan goes back up in noise: at the low end of an interval fresh noise is added and its steps are taken again, which
 * undoes errors of the steps before.
 *
 * @param intervals where to restart, on top of a run's steps; empty for what suits their number, counted among them: from
 *     20 steps on 9 of them from ratio 2 to 0.1, from 36 on a quarter of them twice
 */
public record RestartScheduler(TrainedLevels levels, Optional<List<Interval>> intervals) implements Scheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = TrainedLevels.KEYS;

    /**
     * Noise levels to go through again. A restart begins where a run passes the level of its own nearest to {@code min}.
     *
     * @param min the low end, a {@link NoiseLevel#ratio()}
     * @param max the high end
     * @param steps from {@code max} to {@code min}
     * @param times how often
     */
    public record Interval(double min, double max, int steps, int times) {
        public Interval {
            if (!(min > 0 && min < max && max < Double.POSITIVE_INFINITY) || steps < 1 || times < 0) {
                throw new IllegalArgumentException("the restart is " + Counted.of(times, "time") + " "
                        + Counted.of(steps, "step") + " from ratio "
                        + max + " to " + min + "; expected min above 0 and below max, 1 step and 0 times at least");
            }
        }

        private int allSteps() {
            return steps * times;
        }
    }

    public RestartScheduler {
        intervals = intervals.map(List::copyOf);
    }

    public static Scheduler from(SchedulerConfig config) {
        return new RestartScheduler(TrainedLevels.from(config), Optional.empty());
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        List<Interval> restarts = intervals.orElseGet(() -> usual(steps.count()));
        boolean shared = intervals.isEmpty() && steps instanceof Steps.Count;
        Plan straight = levels.plan(
                shared
                        ? Steps.of(steps.count()
                                - restarts.stream().mapToInt(Interval::allSteps).sum())
                        : steps,
                size);
        List<Plan.Stage> stages = new ArrayList<>();
        for (Plan.Stage stage : straight.stages()) {
            stages.add(stage);
            restarts.stream()
                    .filter(restart -> nearest(straight, restart.min()).equals(stage.to()))
                    .forEach(restart -> stages.addAll(again(restart, stage.to())));
        }
        return new Plan(stages, 0, straight.initialScale());
    }

    private static List<Interval> usual(int steps) {
        if (steps < 20) {
            return List.of();
        }
        return List.of(steps < 36 ? new Interval(0.1, 2, 9, 1) : new Interval(0.1, 2, steps / 4, 2));
    }

    private static NoiseLevel nearest(Plan plan, double ratio) {
        return plan.stages().stream()
                .map(Plan.Stage::to)
                .filter(level -> level.sigma() > 0)
                .reduce((a, b) -> Math.abs(b.ratio() - ratio) < Math.abs(a.ratio() - ratio) ? b : a)
                .orElseThrow(() -> new IllegalArgumentException(
                        "the run has 1 step, to no noise; a restart at ratio " + ratio + " expected 2 or more"));
    }

    private List<Plan.Stage> again(Interval restart, NoiseLevel low) {
        if (low.ratio() >= restart.max()) {
            throw new IllegalArgumentException("the restart goes up to ratio " + restart.max() + " from "
                    + low.ratio() + ", the run's level nearest to " + restart.min()
                    + "; expected a level below it: take more steps");
        }
        List<NoiseLevel> visited = new ArrayList<>(new Karras()
                .levels(levels.process(), restart.steps() + 1, restart.max(), low.ratio())
                .subList(0, restart.steps()));
        visited.add(low);
        ImmutableList.Builder<Plan.Stage> stages = ImmutableList.builder();
        for (int i = 0; i < restart.times(); i++) {
            stages.addAll(Plan.through(visited, 1).stages());
        }
        return stages.build();
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        NoiseLevel from = plan.stage(state.index()).from();
        NoiseLevel to = plan.stage(state.index()).to();
        NoiseLevel here =
                state.index() == 0 ? from : plan.stage(state.index() - 1).to();
        NDArray x = here.ratio() < from.ratio()
                ? levels.process().renoise(state.latents(), here, from, noise.like(state.latents()))
                : state.latents();
        return state.next(HeunScheduler.step(levels.process(), x, from, to, model));
    }
}
