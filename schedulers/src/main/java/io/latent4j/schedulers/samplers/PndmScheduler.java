package io.latent4j.schedulers.samplers;

import ai.djl.ndarray.NDArray;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Pseudo numerical methods: algorithm 2 of <a href="https://arxiv.org/abs/2202.09778">Liu et al. 2022</a>. The outputs
 * of up to four steps are combined as Adams and Bashforth do, in the network's own prediction type. The first steps
 * have no such past: either the second timestep is visited twice (PLMS, N + 1 calls of the network for N steps) or
 * three Runge-Kutta steps of four calls come first (N + 9 calls).
 *
 * @param last where a run ends: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 * @param skipPrkSteps whether the run begins without Runge-Kutta steps
 */
public record PndmScheduler(Timetable timetable, PredictionType predictionType, NoiseLevel last, boolean skipPrkSteps)
        implements Scheduler {
    /** What a model's file may set of it. */
    public static final Keys KEYS = Keys.of("timestep_spacing", "steps_offset", "set_alpha_to_one", "skip_prk_steps");

    private static final int WARM_UP_STEPS = 3;

    public PndmScheduler {
        if (predictionType == PredictionType.SAMPLE) {
            throw new IllegalArgumentException(
                    "prediction_type is \"sample\"; pndm expected one of epsilon, v_prediction");
        }
    }

    public static Scheduler from(SchedulerConfig config) {
        Timetable timetable = config.timetable(config.plainNoise(), "leading");
        return new PndmScheduler(
                timetable,
                config.predictionType(),
                config.alphaToOne(timetable, false),
                config.flag("skip_prk_steps", false));
    }

    @Override
    public Plan plan(Steps steps, LatentSize size) {
        return plan(steps, size, 0);
    }

    /** Warm-up steps are of four calls each, so of four stages. */
    @Override
    public int stageOf(int step) {
        return skipPrkSteps ? step : Math.min(step, WARM_UP_STEPS) * 4 + Math.max(step - WARM_UP_STEPS, 0);
    }

    /**
     * A run that starts late takes its first steps as any run does, from the first level it visits: with PLMS the repeated
     * timestep may be another; Runge-Kutta steps come first, as many as there are steps before the last, 3 at most.
     */
    @Override
    public Plan plan(Steps steps, LatentSize size, int first) {
        if (!(steps instanceof Steps.Count)) {
            throw new IllegalArgumentException("pndm combines steps of one length, so it takes no list of timesteps or"
                    + " sigmas; expected a number of steps, or a method such as euler or ddim");
        }
        int stride = timetable.stride(steps);
        int[] timesteps = timetable.wholeTimesteps(steps);
        return skipPrkSteps ? plms(timesteps, first, stride) : withWarmUp(timesteps, first, stride);
    }

    private Plan plms(int[] timesteps, int first, int stride) {
        int[] visits = repeatSecond(timesteps);
        Plan.checkFirst(first, visits.length);
        List<Plan.Stage> stages = IntStream.range(0, visits.length - first)
                .mapToObj(i -> plmsStage(i, visits[first + i], stride))
                .toList();
        return new Plan(stages, first, 1);
    }

    private static int[] repeatSecond(int[] timesteps) {
        return timesteps.length == 1
                ? timesteps
                : IntStream.range(-1, timesteps.length)
                        .map(i -> timesteps[i < 1 ? i + 1 : i])
                        .toArray();
    }

    private Plan.Stage plmsStage(int index, int timestep, int stride) {
        NoiseLevel at = timetable.noise().level(timestep);
        return index == 1
                ? new Plan.Stage(at, timetable.noise().level(timestep + stride), at)
                : multistepStage(timestep, stride);
    }

    private Plan withWarmUp(int[] timesteps, int first, int stride) {
        if (timesteps.length <= WARM_UP_STEPS) {
            throw new IllegalArgumentException("steps is " + timesteps.length
                    + "; pndm with Runge-Kutta steps (skip_prk_steps is false) expected at least 4");
        }
        List<Plan.Stage> whole = warmUpStages(timesteps, stride);
        Plan.checkFirst(first, whole.size());
        int start = (int) whole.get(first).at().timestep();
        return new Plan(warmUpStages(timestepsFrom(start, timesteps, stride), stride), first, 1);
    }

    /** The timesteps from {@code start} on; if it is the middle of a step, those at whole strides below it. */
    private static int[] timestepsFrom(int start, int[] timesteps, int stride) {
        return IntStream.of(timesteps).anyMatch(t -> t == start)
                ? IntStream.of(timesteps).filter(t -> t <= start).toArray()
                : IntStream.iterate(start, t -> t >= 0, t -> t - stride).toArray();
    }

    /** Runge-Kutta steps from one timestep to the next, for the first ones; then one call at each. */
    private List<Plan.Stage> warmUpStages(int[] timesteps, int stride) {
        int warmUpSteps = Math.min(WARM_UP_STEPS, timesteps.length - 1);
        List<Plan.Stage> stages = new ArrayList<>();
        for (int i = 0; i < warmUpSteps; i++) {
            NoiseLevel start = timetable.noise().level(timesteps[i]);
            NoiseLevel middle = timetable.noise().level(timesteps[i + 1] + stride / 2);
            NoiseLevel end = timetable.noise().level(timesteps[i + 1]);
            stages.add(new Plan.Stage(start, start, levelOrLast(timesteps[i] - stride / 2)));
            stages.add(new Plan.Stage(middle, start, middle));
            stages.add(new Plan.Stage(middle, start, levelOrLast(timesteps[i + 1])));
            stages.add(new Plan.Stage(end, start, end));
        }
        IntStream.of(timesteps).skip(warmUpSteps).forEach(t -> stages.add(multistepStage(t, stride)));
        return stages;
    }

    private Plan.Stage multistepStage(int timestep, int stride) {
        return Plan.Stage.of(timetable.noise().level(timestep), levelOrLast(timestep - stride));
    }

    /** Whether a stage is a call within a Runge-Kutta step: of the first three steps, but not of the last one. */
    private boolean warmsUp(Plan plan, int index) {
        return !skipPrkSteps && index < Math.min(stageOf(WARM_UP_STEPS), plan.steps() / 4 * 4);
    }

    private NoiseLevel levelOrLast(int timestep) {
        return timestep < 0 ? last : timetable.noise().level(timestep);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        Plan.Stage stage = plan.stage(state.index());
        NDArray output = predictionType.output(model.predict(state.latents(), stage.at()), stage.at());
        return warmsUp(plan, state.index()) ? rungeKutta(stage, state, output) : multistep(stage, state, output);
    }

    /** Equation 13. Within a step the history is its start, the mean so far, then outputs, newest first. */
    private SamplerState rungeKutta(Plan.Stage stage, SamplerState state, NDArray output) {
        List<NDArray> history = state.history();
        if (state.index() % 4 == 0) {
            NDArray x = state.latents();
            List<NDArray> outputs = concat(List.of(output), history);
            return state.next(move(x, output, stage), concat(List.of(x, output.div(6)), outputs));
        }
        NDArray x = history.get(0);
        NDArray mean = history.get(1);
        List<NDArray> outputs = history.subList(2, history.size());
        if (state.index() % 4 == 3) {
            return state.next(move(x, mean.add(output.div(6)), stage), outputs);
        }
        return state.next(move(x, output, stage), concat(List.of(x, mean.add(output.div(3))), outputs));
    }

    /** Equation 12. The history is outputs, newest first; between the first two steps the start comes before them. */
    private SamplerState multistep(Plan.Stage stage, SamplerState state, NDArray output) {
        if (skipPrkSteps && state.index() == 0) {
            return state.next(move(state.latents(), output, stage), state.latents(), output);
        }
        if (skipPrkSteps && state.index() == 1) {
            NDArray x = state.history().get(0);
            NDArray before = state.history().get(1);
            return state.next(move(x, output.add(before).div(2), stage), before);
        }
        List<NDArray> outputs = concat(List.of(output), state.history());
        NDArray combined = adamsBashforth(outputs);
        return state.next(move(state.latents(), combined, stage), outputs.subList(0, Math.min(3, outputs.size())));
    }

    private static NDArray adamsBashforth(List<NDArray> outputs) {
        return switch (outputs.size()) {
            case 1 -> outputs.get(0);
            case 2 -> weigh(outputs, 2, 3, -1);
            case 3 -> weigh(outputs, 12, 23, -16, 5);
            default -> weigh(outputs, 24, 55, -59, 37, -9);
        };
    }

    private static NDArray weigh(List<NDArray> outputs, double divisor, double... weights) {
        NDArray sum = outputs.get(0).mul(weights[0] / divisor);
        for (int i = 1; i < weights.length; i++) {
            sum = sum.add(outputs.get(i).mul(weights[i] / divisor));
        }
        return sum;
    }

    /** Equation 11. */
    private NDArray move(NDArray x, NDArray output, Plan.Stage stage) {
        return predictionType.read(output, x, stage.from()).at(stage.to());
    }

    private static List<NDArray> concat(List<NDArray> first, List<NDArray> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
