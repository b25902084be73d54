package io.latent4j.schedulers.catalogue;

import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A sampling method as the catalogue of {@link Schedulers} lists it.
 *
 * @param title what web front ends call it
 * @param className the reference implementation's class of it, which {@code scheduler_config.json} names; empty where
 *     it has none
 * @param names what a user may call it, the name to offer first
 * @param order how the error falls: halving the steps' length divides it by about 2 to this
 * @param stochastic whether steps draw noise
 * @param calls how often a step asks the network
 * @param paper where it is from
 * @param maker makes it as a model's file sets it
 * @param spacesLevels whether it places its levels by a {@link SigmaSpacing} where asked; others visit trained timesteps
 */
public record SamplingMethod(
        String title,
        Optional<String> className,
        List<String> names,
        int order,
        boolean stochastic,
        int calls,
        String paper,
        Function<SchedulerConfig, Scheduler> maker,
        boolean spacesLevels) {

    public SamplingMethod {
        names = List.copyOf(names);
    }

    /** A method that places its levels by a spacing where asked. */
    SamplingMethod(
            String title,
            Optional<String> className,
            List<String> names,
            int order,
            boolean stochastic,
            int calls,
            String paper,
            Function<SchedulerConfig, Scheduler> maker) {
        this(title, className, names, order, stochastic, calls, paper, maker, true);
    }

    /** This method as one that visits trained timesteps only. */
    SamplingMethod atTrainedTimesteps() {
        return new SamplingMethod(title, className, names, order, stochastic, calls, paper, maker, false);
    }

    /** The name to offer a user. */
    public String name() {
        return names.get(0);
    }

    /** All that {@link #answersTo} knows. */
    List<String> allNames() {
        return Stream.of(className.stream(), Stream.of(title), names.stream())
                .flatMap(stream -> stream)
                .toList();
    }

    boolean answersTo(String name) {
        return allNames().stream().anyMatch(n -> SpacingName.normalise(n).equals(SpacingName.normalise(name)));
    }
}
