package io.latent4j.schedulers.catalogue;

import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.Keys;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
 * @param keys what {@code maker} reads of the file
 * @param spacesLevels whether it places its levels by a {@link SigmaSpacing} where asked; others visit trained timesteps
 * @param otherClasses the reference implementation's classes of it for other kinds of noise process
 * @param processes the kinds that it samples models of
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
        Keys keys,
        boolean spacesLevels,
        List<String> otherClasses,
        Set<ProcessKind> processes) {

    public SamplingMethod {
        names = List.copyOf(names);
        otherClasses = List.copyOf(otherClasses);
        processes = Set.copyOf(processes);
    }

    /** A method for any process, that places its levels by a spacing where asked. */
    SamplingMethod(
            String title,
            Optional<String> className,
            List<String> names,
            int order,
            boolean stochastic,
            int calls,
            String paper,
            Function<SchedulerConfig, Scheduler> maker,
            Keys keys) {
        this(
                title,
                className,
                names,
                order,
                stochastic,
                calls,
                paper,
                maker,
                keys,
                true,
                List.of(),
                EnumSet.allOf(ProcessKind.class));
    }

    /** This method as one that visits the timesteps of a trained schedule only. */
    SamplingMethod atTrainedTimesteps() {
        return changed(false, otherClasses, Set.of(ProcessKind.TRAINED_SCHEDULE));
    }

    /** This method as one for models of these kinds only. */
    SamplingMethod on(ProcessKind first, ProcessKind... more) {
        return changed(spacesLevels, otherClasses, EnumSet.of(first, more));
    }

    /** This method, which files name by these classes too. */
    SamplingMethod alsoNamed(String... classes) {
        return changed(spacesLevels, List.of(classes), processes);
    }

    private SamplingMethod changed(boolean spacesLevels, List<String> otherClasses, Set<ProcessKind> processes) {
        return new SamplingMethod(
                title,
                className,
                names,
                order,
                stochastic,
                calls,
                paper,
                maker,
                keys,
                spacesLevels,
                otherClasses,
                processes);
    }

    /** All classes that a file may name it by. */
    List<String> classes() {
        return Stream.concat(className.stream(), otherClasses.stream()).toList();
    }

    /** This method as {@code config} sets it, of which it can read what it declares. */
    Scheduler make(SchedulerConfig config) {
        return maker.apply(config.declaring(keys));
    }

    /** The name to offer a user. */
    public String name() {
        return names.get(0);
    }

    /** All that {@link #answersTo} knows. */
    List<String> allNames() {
        return Stream.of(classes().stream(), Stream.of(title), names.stream())
                .flatMap(stream -> stream)
                .toList();
    }

    boolean answersTo(String name) {
        return allNames().stream().anyMatch(n -> SpacingName.normalise(n).equals(SpacingName.normalise(name)));
    }
}
