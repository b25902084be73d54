package io.latent4j.schedulers;

import java.util.List;
import java.util.Locale;
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
        return allNames().stream().anyMatch(n -> normalise(n).equals(normalise(name)));
    }

    /**
     * What is left of a name when writers' habits are taken away: case, blanks, hyphens and underscores, a leading
     * {@code k_}, a {@code _gpu} for where noise is drawn, {@code pp} for {@code ++} and {@code ancestral} for {@code a}.
     */
    static String normalise(String name) {
        return name.toLowerCase(Locale.ROOT)
                .replaceFirst("^k[_ -]", "")
                .replaceFirst("[_ -]gpu(?=$|[_ -])", "")
                .replaceAll("[\\s_-]", "")
                .replace("++", "pp")
                .replace("ancestral", "a");
    }
}
