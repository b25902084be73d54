package io.latent4j.schedulers.catalogue;

import io.latent4j.core.config.EditDistance;
import io.latent4j.core.config.Shown;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a user's name for a method means. */
record Choice(SamplingMethod method, Optional<SpacingName> spacing) {
    private static final int NEAREST = 3;
    private static final int LONGEST = 100; // letters of a name, which is compared with a thousand others

    static Choice of(String name) {
        if (name.length() > LONGEST) {
            throw new IllegalArgumentException("scheduler is \"" + Shown.text(name) + "\", of " + name.length()
                    + " letters; `latent4j schedulers` and Schedulers.names() list all");
        }
        Choice choice = Catalogue.METHODS.stream()
                .flatMap(method -> SpacingName.choices().map(spacing -> new Choice(method, spacing)))
                .filter(c -> c.isCalled(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("scheduler is \"" + name + "\"; the nearest names are "
                        + nearest(name) + "; `latent4j schedulers` and Schedulers.names() list all"));
        if (choice.spacing.isPresent() && !choice.method.spacesLevels()) {
            throw new IllegalArgumentException("scheduler is \"" + name + "\"; " + choice.method.name()
                    + " visits trained timesteps and takes no spacing; expected one of "
                    + Schedulers.list(m -> Stream.of(m.name()).filter(n -> m.spacesLevels())) + " before "
                    + choice.spacing.orElseThrow().word());
        }
        return choice;
    }

    /** The method, as {@code config} sets it. */
    Scheduler make(SchedulerConfig config) {
        return method.make(own(config));
    }

    /** Whether {@link #make} has a look at {@code key}. */
    boolean reads(String key, SchedulerConfig config) {
        boolean named = spacing.isPresent() && SchedulerConfig.isOfSpacing(key);
        return !named && keysRead(config).contains(key);
    }

    /** All that {@link #make} has a look at; nothing of a model that the method cannot sample. */
    Set<String> keysRead(SchedulerConfig config) {
        try {
            return method.processes().contains(config.kind()) ? method.keys().readOf(own(config)) : Set.of();
        } catch (IllegalArgumentException e) {
            return Set.of(); // what another setting is wrong with does not matter here
        }
    }

    private SchedulerConfig own(SchedulerConfig config) {
        SchedulerConfig own = method.className().map(config::sampledBy).orElse(config);
        return spacing.map(own::withSpacing).orElse(own);
    }

    private boolean isCalled(String name) {
        return distance(name) == 0;
    }

    private static String nearest(String name) {
        return Catalogue.METHODS.stream()
                .flatMap(method -> SpacingName.choices()
                        .filter(spacing -> spacing.isEmpty() || method.spacesLevels())
                        .map(spacing -> new Choice(method, spacing)))
                .sorted(Comparator.comparingInt(choice -> choice.distance(name)))
                .limit(NEAREST)
                .map(Choice::name)
                .collect(Collectors.joining(", "));
    }

    /** How far {@code name} is from the nearest thing this choice is called. */
    private int distance(String name) {
        String plain = SpacingName.normalise(name);
        return method.allNames().stream()
                .flatMap(own -> spacing.map(SpacingName::allNames).orElse(List.of("")).stream()
                        .map(word -> SpacingName.normalise(own) + SpacingName.normalise(word)))
                .mapToInt(own -> EditDistance.between(plain, own))
                .min()
                .orElseThrow();
    }

    String name() {
        return method.name() + spacing.map(s -> " " + s.word()).orElse("");
    }
}
