package io.latent4j.schedulers.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The keys of a model's {@code scheduler_config.json} that a method reads: some always, some only beside certain values of
 * others. A method declares them, and a config that is {@link SchedulerConfig#declaring} them lets it read no more.
 */
public final class Keys {
    /** None. */
    public static final Keys NONE = new Keys(ImmutableList.of());

    /** What every method is made with: what the model was trained with. */
    static final Keys OF_THE_MODEL = of(
                    "_class_name", "num_train_timesteps", "trained_betas", "prediction_type", "use_flow_sigmas")
            .when(config -> config.numbers("trained_betas").isEmpty(), "beta_start", "beta_end", "beta_schedule")
            .when(config -> config.kind() == ProcessKind.EDM, "sigma_data");

    /** {@link SchedulerConfig#noise} and {@link SchedulerConfig#noiseWithSignal}. */
    public static final Keys STRETCHING = of("rescale_betas_zero_snr");

    /** {@link SchedulerConfig#timetable}. */
    public static final Keys TIMETABLE = of("timestep_spacing", "steps_offset").and(STRETCHING);

    /** {@link SpacingSettings#sigmas}. */
    public static final Keys SPACING = of(SchedulerKeys.SIGMA_SPACING)
            .and(new Keys(ImmutableList.of(new Part(config -> true, ImmutableList.copyOf(SpacingName.keys())))))
            .when(config -> config.spacing().name().isPresent(), "sigma_min", "sigma_max", "rescale_betas_zero_snr");

    /** {@link SpacingSettings#chosen}. */
    public static final Keys CHOSEN_SPACING = of(SchedulerKeys.SIGMA_SPACING)
            .and(SPACING.only(config -> config.spacing().chosen().isPresent()));

    /** {@link SchedulerConfig#thresholded}. */
    public static final Keys THRESHOLDING = of("thresholding")
            .when(config -> config.flag("thresholding", false), "dynamic_thresholding_ratio", "sample_max_value");

    /** {@link SchedulerConfig#clipped}. */
    public static Keys clipping(boolean byDefault) {
        return THRESHOLDING
                .when(config -> !config.flag("thresholding", false), "clip_sample")
                .when(
                        config -> !config.flag("thresholding", false) && config.flag("clip_sample", byDefault),
                        "clip_sample_range")
                .when(
                        config -> config.flag("thresholding", false) || config.flag("clip_sample", byDefault),
                        "use_clipped_model_output");
    }

    private final ImmutableList<Part> parts;

    /** Keys that are read of a config for which {@code holds}. */
    private record Part(Predicate<SchedulerConfig> holds, ImmutableList<String> keys) {}

    private Keys(ImmutableList<Part> parts) {
        this.parts = parts;
    }

    /** Keys that are always read. */
    public static Keys of(String... keys) {
        return NONE.when(config -> true, keys);
    }

    /** These, and {@code keys} of a config for which {@code holds}. */
    public Keys when(Predicate<SchedulerConfig> holds, String... keys) {
        return and(new Keys(ImmutableList.of(new Part(holds, ImmutableList.copyOf(keys)))));
    }

    /** These and {@code more}. */
    public Keys and(Keys more) {
        return new Keys(
                ImmutableList.<Part>builder().addAll(parts).addAll(more.parts).build());
    }

    /** These without {@code keys}, which a kindred method does not read. */
    public Keys without(String... keys) {
        List<String> left = Arrays.asList(keys);
        return new Keys(parts.stream()
                .map(part -> new Part(
                        part.holds(),
                        part.keys().stream()
                                .filter(key -> !left.contains(key))
                                .collect(ImmutableList.toImmutableList())))
                .collect(ImmutableList.toImmutableList()));
    }

    /** These, of a config for which {@code holds}. */
    public Keys only(Predicate<SchedulerConfig> holds) {
        return new Keys(parts.stream()
                .map(part ->
                        new Part(config -> holds.test(config) && part.holds().test(config), part.keys()))
                .collect(ImmutableList.toImmutableList()));
    }

    /** These, of a model trained with this kind of process. */
    public Keys on(ProcessKind kind) {
        return only(config -> config.kind() == kind);
    }

    /** What a method that declares these reads of {@code config}, with what every method reads. */
    public Set<String> readOf(SchedulerConfig config) {
        return OF_THE_MODEL.and(this).parts.stream()
                .filter(part -> part.holds().test(config))
                .flatMap(part -> part.keys().stream())
                .collect(ImmutableSet.toImmutableSet());
    }
}
