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
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.Timetable;
import java.util.ArrayList;
import java.util.List;

/**
 * DDIM backwards: from clean latents to the noise that {@link DdimScheduler} would make them of, for editing images
 * (section 3.1 of <a href="https://arxiv.org/abs/2211.09794">Mokady et al. 2023</a>). A run begins with the latents
 * themselves and goes up the timesteps; each step asks the network at the level it goes to, as the reference
 * implementation does, so the way back is exact only in the limit of many steps.
 *
 * @param first where a run begins: {@link NoiseLevel#CLEAN}, or the level of timestep 0
 */
public record DdimInversion(Timetable timetable, PredictionType predictionType, NoiseLevel first) implements Scheduler {

    /** The inversion of the model's runs that {@code config} describes. */
    public static DdimInversion from(SchedulerConfig config) {
        Timetable timetable = config.timetable(config.noise(), "leading");
        return new DdimInversion(timetable, config.predictionType(), config.alphaToOne(timetable, true));
    }

    /** The same levels as DDIM's, in the other direction. */
    @Override
    public Plan plan(Steps steps, LatentSize size) {
        Plan down = new DdimScheduler(timetable, first, 0).plan(steps, size);
        List<Plan.Stage> stages = new ArrayList<>();
        for (int i = down.steps() - 1; i >= 0; i--) {
            Plan.Stage stage = down.stage(i);
            stages.add(new Plan.Stage(stage.at(), stage.to(), stage.from()));
        }
        return new Plan(stages, 0, 1);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        Plan.Stage stage = plan.stage(state.index());
        NDArray output = predictionType.output(model.predict(state.latents(), stage.at()), stage.at());
        return state.next(
                predictionType.read(output, state.latents(), stage.from()).at(stage.to()));
    }
}
