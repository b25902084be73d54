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
 */
public record SamplingMethod(
        String title,
        Optional<String> className,
        List<String> names,
        int order,
        boolean stochastic,
        int calls,
        String paper,
        Function<SchedulerConfig, Scheduler> maker) {

    public SamplingMethod {
        names = List.copyOf(names);
    }

    /** The name to offer a user. */
    public String name() {
        return names.get(0);
    }

    boolean answersTo(String name) {
        return Stream.concat(Stream.concat(className.stream(), Stream.of(title)), names.stream())
                .anyMatch(n -> normalise(n).equals(normalise(name)));
    }

    static String normalise(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]", "");
    }
}
