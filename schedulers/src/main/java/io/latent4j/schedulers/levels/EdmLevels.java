package io.latent4j.schedulers.levels;

import com.google.common.collect.ImmutableMap;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.EdmNoise;
import io.latent4j.schedulers.spacing.Exponential;
import io.latent4j.schedulers.spacing.Karras;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * The levels of networks trained as in <a href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</a>, which know no
 * training timesteps.
 *
 * @param sigmas how the levels are spaced
 * @param sigmaMin the last ratio
 * @param sigmaMax the first ratio
 * @param endsClean whether a run goes on from the last ratio to {@link NoiseLevel#CLEAN}, or stays where it is
 */
public record EdmLevels(EdmNoise process, SigmaSpacing sigmas, double sigmaMin, double sigmaMax, boolean endsClean)
        implements Levels {
    /** What {@link #from} reads. */
    static final Keys KEYS = Keys.of("final_sigmas_type", "sigma_schedule", "sigma_min", "sigma_max")
            .when(config -> config.text("sigma_schedule", "karras").equals("karras"), "rho")
            .and(Keys.SPACING);

    private static final Map<String, SpacingName> SPACINGS =
            ImmutableMap.of("karras", SpacingName.KARRAS, "exponential", SpacingName.EXPONENTIAL);

    public EdmLevels {
        if (!(sigmaMin > 0 && sigmaMin < sigmaMax && sigmaMax < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("sigma_min is " + sigmaMin + " and sigma_max " + sigmaMax
                    + "; expected sigma_min above 0 and below sigma_max");
        }
    }

    /** The levels of the model's file: by its {@code sigma_schedule}, or by a spacing that a user chose. */
    public static EdmLevels from(SchedulerConfig config) {
        config.supportsOnly("final_sigmas_type", "zero", "sigma_min");
        boolean karras = config.choice("sigma_schedule", "karras", SPACINGS) == SpacingName.KARRAS;
        SigmaSpacing own = karras ? new Karras(config.number("rho").orElse(7)) : new Exponential();
        return new EdmLevels(
                config.edmNoise(),
                config.spacing().sigmas().orElse(own),
                config.number("sigma_min").orElse(0.002),
                config.number("sigma_max").orElse(80),
                config.text("final_sigmas_type", "zero").equals("zero"));
    }

    @Override
    public List<NoiseLevel> visited(Steps steps, LatentSize size) {
        if (steps instanceof Steps.Timesteps) {
            throw new IllegalArgumentException(
                    "EDM has no training timesteps to list; expected a number of steps or a list of sigmas");
        }
        if (steps instanceof Steps.Sigmas list) {
            return list.sigmas().stream().map(process::ofRatio).toList();
        }
        if (steps.count() < 1) {
            throw new IllegalArgumentException("steps is " + steps.count() + "; expected at least 1");
        }
        List<NoiseLevel> levels = new ArrayList<>(DoubleStream.of(sigmas.ratios(steps.count(), sigmaMax, sigmaMin))
                .mapToObj(process::ofRatio)
                .toList());
        levels.add(endsClean ? NoiseLevel.CLEAN : levels.get(levels.size() - 1));
        return levels;
    }
}
