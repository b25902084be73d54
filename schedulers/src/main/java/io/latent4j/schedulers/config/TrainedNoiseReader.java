package io.latent4j.schedulers.config;

import com.google.common.collect.ImmutableMap;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.List;
import java.util.Map;

/** Reads the schedule of training timesteps that a model's file describes. */
final class TrainedNoiseReader {
    /** A thousand times what models are trained with. */
    private static final int MOST_TIMESTEPS = 1_000_000;

    /** What a method takes where the file says nothing. */
    private record Defaults(String betaSchedule, double betaStart, double betaEnd) {
        static final Defaults MOST = new Defaults("linear", 0.0001, 0.02);
        static final Defaults LATENT = new Defaults("linear", 0.00085, 0.012);
        static final Defaults DISTILLED = new Defaults("scaled_linear", 0.00085, 0.012);
    }

    private static final Map<String, Defaults> DEFAULTS = ImmutableMap.of(
            "HeunDiscreteScheduler", Defaults.LATENT,
            "KDPM2DiscreteScheduler", Defaults.LATENT,
            "KDPM2AncestralDiscreteScheduler", Defaults.LATENT,
            "DPMSolverSDEScheduler", Defaults.LATENT,
            "LCMScheduler", Defaults.DISTILLED,
            "TCDScheduler", Defaults.DISTILLED);

    private TrainedNoiseReader() {}

    /**
     * The schedule, before any stretching.
     *
     * @throws IllegalArgumentException naming the key and value that is not understood
     */
    static NoiseSchedule read(SchedulerConfig config) {
        Defaults defaults = DEFAULTS.getOrDefault(config.className().orElse(""), Defaults.MOST);
        int timesteps = config.trainingTimesteps();
        if (timesteps < 1 || timesteps > MOST_TIMESTEPS) {
            throw config.error("num_train_timesteps", timesteps, "1 to " + MOST_TIMESTEPS);
        }
        List<Double> trained = config.numbers("trained_betas");
        if (!trained.isEmpty()) {
            if (trained.size() != timesteps) {
                throw config.error("trained_betas", "a list of " + trained.size(), "num_train_timesteps, " + timesteps);
            }
            return config.made(() -> NoiseSchedule.ofBetas(trained));
        }
        double start = config.number("beta_start").orElse(defaults.betaStart());
        double end = config.number("beta_end").orElse(defaults.betaEnd());
        String name = config.text("beta_schedule", defaults.betaSchedule());
        return switch (name) {
            case "linear" -> config.made(() -> NoiseSchedule.linear(timesteps, start, end));
            case "scaled_linear" -> config.made(() -> NoiseSchedule.scaledLinear(timesteps, start, end));
            case "squaredcos_cap_v2" -> config.made(() -> NoiseSchedule.squaredCosine(timesteps));
            case "sigmoid" -> config.made(() -> NoiseSchedule.sigmoid(timesteps, start, end));
            default ->
                throw config.error(
                        "beta_schedule", '"' + name + '"', "one of linear, scaled_linear, squaredcos_cap_v2, sigmoid");
        };
    }
}
