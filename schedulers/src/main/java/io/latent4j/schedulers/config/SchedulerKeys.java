package io.latent4j.schedulers.config;

import io.latent4j.core.config.EditDistance;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys that {@code scheduler_config.json} may have. */
final class SchedulerKeys {
    /** The name of a spacing: a key of latent4j's own, where the reference implementation has a flag for each. */
    static final String SIGMA_SPACING = "sigma_spacing";

    private static final int NEAREST = 3;

    /** What a user may set, beside the spacings' flags and their name. */
    private static final List<String> SETTINGS = List.of(
            "algorithm_type",
            "base_image_seq_len",
            "base_shift",
            "beta_end",
            "beta_schedule",
            "beta_start",
            "clip_sample",
            "clip_sample_range",
            "disable_corrector",
            "dynamic_thresholding_ratio",
            "eta",
            "euler_at_final",
            "final_sigmas_type",
            SchedulerConfig.EQUAL_STEPS,
            "flow_shift",
            SchedulerConfig.SHIFT_BY_STEPS,
            "interpolation_type",
            "lambda_min_clipped",
            "lower_order_final",
            "max_image_seq_len",
            "max_shift",
            "num_train_timesteps",
            "order",
            "original_inference_steps",
            "predict_x0",
            "prediction_type",
            "rescale_betas_zero_snr",
            "rho",
            "s_churn",
            "s_noise",
            "s_tmax",
            "s_tmin",
            "sample_max_value",
            "set_alpha_to_one",
            "shift",
            "shift_terminal",
            "sigma_data",
            "sigma_max",
            "sigma_min",
            "sigma_schedule",
            "skip_prk_steps",
            "solver_order",
            "solver_type",
            "steps_offset",
            "stochastic_sampling",
            "strength",
            "thresholding",
            "time_shift_type",
            "timestep_scaling",
            "timestep_spacing",
            "timestep_type",
            "trained_betas",
            "use_clipped_model_output",
            "use_dynamic_shifting",
            "variance_type");

    /** What files have besides: keys that are refused where they ask for something, and keys of no effect here. */
    private static final List<String> OTHERS = List.of("invert_sigmas", "solver_p", "use_flow_sigmas");

    private SchedulerKeys() {}

    /** Whether a user may set {@code key}. */
    static boolean isSetting(String key) {
        return settings().anyMatch(key::equals);
    }

    /** Whether the reference implementation's files have {@code key}, or a user may set it. */
    static boolean isInFiles(String key) {
        return isSetting(key) || OTHERS.contains(key);
    }

    /** Whether {@code key} says how noise levels are spaced. */
    static boolean isOfSpacing(String key) {
        return key.equals(SIGMA_SPACING) || SpacingName.keys().contains(key);
    }

    /** The settings that are most like {@code key}. */
    static String nearest(String key) {
        return settings()
                .sorted(Comparator.comparingInt(other -> EditDistance.between(key, other)))
                .limit(NEAREST)
                .collect(Collectors.joining(", "));
    }

    private static Stream<String> settings() {
        return Stream.of(SETTINGS, SpacingName.keys(), List.of(SIGMA_SPACING)).flatMap(List::stream);
    }
}
