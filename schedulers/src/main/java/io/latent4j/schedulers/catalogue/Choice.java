package io.latent4j.schedulers.catalogue;

import io.latent4j.core.config.EditDistance;
import io.latent4j.core.config.Shown;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a user's name for a method means. */
record Choice(SamplingMethod method, Optional<SpacingName> spacing) {
    private static final int NEAREST = 3;

    static Choice of(String name) {
        String plain = SpacingName.normalise(name);
        Choice choice = all().filter(each -> each.plainNames().anyMatch(plain::equals))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("scheduler is \"" + Shown.text(name) + "\"; the nearest names are "
                                + nearest(plain) + "; `latent4j schedulers` and Schedulers.names() list all"));
        if (choice.spacing.isPresent() && !choice.method.spacesLevels()) {
            throw new IllegalArgumentException("scheduler is \"" + name + "\"; " + choice.method.name()
                    + " visits trained timesteps and takes no spacing; expected one of "
                    + Schedulers.list(m -> Stream.of(m.name()).filter(n -> m.spacesLevels())) + " before "
                    + choice.spacing.orElseThrow().word());
        }
        return choice;
    }

    private static Stream<Choice> all() {
        return Catalogue.METHODS.stream()
                .flatMap(method -> SpacingName.choices().map(spacing -> new Choice(method, spacing)));
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

    private static String nearest(String plain) {
        return all().filter(choice -> choice.spacing.isEmpty() || choice.method.spacesLevels())
                .map(choice -> Map.entry(choice, choice.distance(plain)))
                .sorted(Map.Entry.comparingByValue())
                .limit(NEAREST)
                .map(entry -> entry.getKey().name())
                .collect(Collectors.joining(", "));
    }

    /** How far a name is from the nearest thing this choice is called. */
    private int distance(String plain) {
        return plainNames()
                .mapToInt(own -> EditDistance.between(plain, own))
                .min()
                .orElseThrow();
    }

    /** All that it is called, as {@link SpacingName#normalise} leaves it. */
    private Stream<String> plainNames() {
        return method.allNames().stream()
                .flatMap(own -> spacing.map(SpacingName::allNames).orElse(List.of("")).stream()
                        .map(word -> SpacingName.normalise(own) + SpacingName.normalise(word)));
    }

    String name() {
        return method.name() + spacing.map(s -> " " + s.word()).orElse("");
    }
}
