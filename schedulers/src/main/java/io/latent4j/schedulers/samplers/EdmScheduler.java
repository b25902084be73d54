package io.latent4j.schedulers.samplers;

import com.google.common.collect.ImmutableMap;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.EdmPreconditioning;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.Exponential;
import io.latent4j.schedulers.spacing.Karras;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * A sampling method on the noise levels of networks trained as in <a href="https://arxiv.org/abs/2206.00364">Karras et
 * al. 2022</a> ("EDM"). Such a network knows no training timesteps: it is told a quarter of the ratio's logarithm, and
 * any ratio will do. It is read by {@link EdmPreconditioning}.
 *
 * @param sigmas how the levels are spaced
 * @param sigmaMin the last ratio
 * @param sigmaMax the first ratio
 * @param endsClean whether a run goes on from the last ratio to {@link NoiseLevel#CLEAN}, or stays where it is
 * @param method takes the steps; its own plan is not asked for
 */
public record EdmScheduler(SigmaSpacing sigmas, double sigmaMin, double sigmaMax, boolean endsClean, Scheduler method)
        implements Scheduler {

    private static final Map<String, SpacingName> SPACINGS =
            ImmutableMap.of("karras", SpacingName.KARRAS, "exponential", SpacingName.EXPONENTIAL);

    public EdmScheduler {
        if (!(sigmaMin > 0 && sigmaMin < sigmaMax && sigmaMax < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("sigma_min is " + sigmaMin + " and sigma_max " + sigmaMax
                    + "; expected sigma_min above 0 and below sigma_max");
        }
    }

    public static Scheduler euler(SchedulerConfig config) {
        return from(config, EulerScheduler.from(config));
    }

    public static Scheduler multistep(SchedulerConfig config) {
        return from(config, DpmSolverMultistep.from(config));
    }

    private static Scheduler from(SchedulerConfig config, Scheduler method) {
        config.supportsOnly("final_sigmas_type", "zero", "sigma_min");
        boolean karras = config.choice("sigma_schedule", "karras", SPACINGS) == SpacingName.KARRAS;
        return new EdmScheduler(
                karras ? new Karras(config.number("rho").orElse(7)) : new Exponential(),
                config.number("sigma_min").orElse(0.002),
                config.number("sigma_max").orElse(80),
                config.text("final_sigmas_type", "zero").equals("zero"),
                method);
    }

    @Override
    public Plan plan(Steps steps) {
        return Plan.through(levels(steps), 1);
    }

    private List<NoiseLevel> levels(Steps steps) {
        if (steps instanceof Steps.Timesteps) {
            throw new IllegalArgumentException(
                    "EDM has no training timesteps to list; expected a number of steps or a list of sigmas");
        }
        if (steps instanceof Steps.Sigmas list) {
            return list.sigmas().stream().map(EdmScheduler::level).toList();
        }
        if (steps.count() < 1) {
            throw new IllegalArgumentException("steps is " + steps.count() + "; expected at least 1");
        }
        List<NoiseLevel> levels = new ArrayList<>(DoubleStream.of(sigmas.ratios(steps.count(), sigmaMax, sigmaMin))
                .mapToObj(EdmScheduler::level)
                .toList());
        levels.add(endsClean ? NoiseLevel.CLEAN : levels.get(levels.size() - 1));
        return levels;
    }

    private static NoiseLevel level(double ratio) {
        return ratio == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofRatio((float) (Math.log((float) ratio) / 4), (float) ratio);
    }

    @Override
    public SamplerState step(Plan plan, SamplerState state, Denoiser model, NoiseSource noise) {
        return method.step(plan, state, model, noise);
    }
}
