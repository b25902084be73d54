package io.latent4j.schedulers.config;

import io.latent4j.schedulers.spacing.BoundedSpacing;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a scheduler's settings say of how noise levels are spaced: by a flag for each kind, or by {@code sigma_spacing}. */
public record SpacingSettings(SchedulerConfig config) {

    public boolean isKarras() {
        return name().equals(Optional.of(SpacingName.KARRAS));
    }

    /** What the file calls the spacing of {@link #sigmas}. */
    public Optional<SpacingName> name() {
        return name(key -> true);
    }

    /** The same, of the keys that {@code counts}. */
    public Optional<SpacingName> name(Predicate<String> counts) {
        List<String> asked = new ArrayList<>(SpacingName.keys().stream()
                .filter(counts)
                .filter(key -> config.flag(key, false))
                .toList());
        if (counts.test(SchedulerKeys.SIGMA_SPACING) && config.has(SchedulerKeys.SIGMA_SPACING)) {
            asked.add(SchedulerKeys.SIGMA_SPACING);
        }
        if (asked.size() > 1) {
            throw config.error(asked.get(0), true, "false, because " + asked.get(1) + " is set too");
        }
        return asked.stream().findFirst().map(key -> SpacingName.ofKey(key).orElseGet(this::named));
    }

    private SpacingName named() {
        String name = config.text(SchedulerKeys.SIGMA_SPACING, "");
        return SpacingName.called(name)
                .orElseThrow(() -> config.error(
                        SchedulerKeys.SIGMA_SPACING,
                        '"' + name + '"',
                        "one of " + String.join(", ", SpacingName.words())));
    }

    /** {@link #sigmas}, where it was chosen by {@code sigma_spacing} and not by a flag. */
    public Optional<SigmaSpacing> chosen() {
        return config.has(SchedulerKeys.SIGMA_SPACING) ? sigmas() : Optional.empty();
    }

    public void refuseChosen(String method) {
        if (config.has(SchedulerKeys.SIGMA_SPACING)) {
            String name = '"' + config.text(SchedulerKeys.SIGMA_SPACING, "") + '"';
            throw config.error(
                    SchedulerKeys.SIGMA_SPACING, name, "none, because " + method + " visits trained timesteps");
        }
        refuseSet(method);
    }

    /** The same of a user's own settings; what the file has is for the method that it names. */
    public void refuseSet(String method) {
        Stream.concat(
                        SpacingName.keys().stream().filter(key -> config.flag(key, false)),
                        Stream.of(SchedulerKeys.SIGMA_SPACING))
                .filter(config.settings()::containsKey)
                .findFirst()
                .ifPresent(key -> {
                    throw config.error(
                            key, config.settings().get(key), "none, because " + method + " visits trained timesteps");
                });
    }

    /** Refuses a user's settings of the spacing beside {@code name}, which stands in the scheduler's name. */
    public void refuseSet(SpacingName name) {
        config.settings().keySet().stream()
                .filter(SchedulerConfig::isOfSpacing)
                .findFirst()
                .ifPresent(key -> {
                    throw config.error(
                            key, config.settings().get(key), "none, as the scheduler's name says " + name.word());
                });
    }

    /** The spacing, if it is not by training timesteps. */
    public Optional<SigmaSpacing> sigmas() {
        return name().map(name -> new BoundedSpacing(
                name.spacing(config.noiseWithSignal()), config.number("sigma_min"), config.number("sigma_max")));
    }
}
