package io.latent4j.schedulers;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the {@link Scheduler} that a model's {@code scheduler_config.json} or a user names. */
public final class Schedulers {
    private static final String KARRAS = "karras";

    private static final List<Method> METHODS = List.of(
            new Method("DDIMScheduler", "DDIM", DdimScheduler::from, false, "ddim"),
            new Method("PNDMScheduler", "PLMS", PndmScheduler::from, false, "pndm", "plms"),
            new Method("EulerDiscreteScheduler", "Euler", EulerScheduler::from, true, "euler"),
            new Method(
                    "EulerAncestralDiscreteScheduler",
                    "Euler a",
                    EulerAncestralScheduler::from,
                    false,
                    "euler a",
                    "euler ancestral"),
            new Method(
                    "DPMSolverMultistepScheduler", "DPM++ 2M", DpmSolverPlusPlus2M::from, true, "dpm++2m", "dpmpp2m"));

    private Schedulers() {}

    /**
     * The method the model's file names, as the file sets it.
     *
     * @throws IllegalArgumentException naming the key and value that is not supported
     */
    public static Scheduler from(SchedulerConfig config) {
        String className = config.className().orElse("");
        return METHODS.stream()
                .filter(method -> method.className.equals(className))
                .findFirst()
                .orElseThrow(() -> config.error(
                        "_class_name",
                        className.isEmpty() ? "missing" : '"' + className + '"',
                        "one of " + list(method -> method.className)))
                .make(config);
    }

    /**
     * The method called {@code name} for the model {@code config} describes: one of {@link #names()} or a class name of
     * the reference implementation, in any case and with or without blanks and hyphens. A last word "karras" turns
     * Karras spacing on.
     *
     * @throws IllegalArgumentException for an unknown name, or a setting the method does not support
     */
    public static Scheduler named(String name, SchedulerConfig config) {
        Choice choice = Choice.of(name);
        return choice.method.make(choice.karras ? config.with("use_karras_sigmas", true) : config);
    }

    /**
     * What web front ends call the method that {@link #named} makes of {@code name}, {@code "DPM++ 2M Karras"} for
     * instance; pictures carry it.
     *
     * @throws IllegalArgumentException for an unknown name
     */
    public static String title(String name) {
        Choice choice = Choice.of(name);
        return choice.method.title + (choice.karras ? " Karras" : "");
    }

    /** The names to offer a user. */
    public static List<String> names() {
        return METHODS.stream()
                .flatMap(m -> m.hasKarras ? Stream.of(m.name(), m.name() + " " + KARRAS) : Stream.of(m.name()))
                .toList();
    }

    private static String list(Function<Method, String> what) {
        return METHODS.stream().map(what).collect(Collectors.joining(", "));
    }

    private static String normalise(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]", "");
    }

    /** What a user's name for a method means. */
    private record Choice(Method method, boolean karras) {

        static Choice of(String name) {
            String plain = normalise(name);
            boolean karras = plain.endsWith(KARRAS);
            String bare = karras ? plain.substring(0, plain.length() - KARRAS.length()) : plain;
            Method method = METHODS.stream()
                    .filter(m -> m.answersTo(bare))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("scheduler is \"" + name + "\"; expected one of "
                            + list(Method::name) + ", with \" karras\" after "
                            + METHODS.stream()
                                    .filter(m -> m.hasKarras)
                                    .map(Method::name)
                                    .collect(Collectors.joining(" or "))));
            if (karras && !method.hasKarras) {
                throw new IllegalArgumentException(
                        "scheduler is \"" + name + "\"; " + method.name() + " has no Karras spacing");
            }
            return new Choice(method, karras);
        }
    }

    private record Method(
            String className,
            String title,
            Function<SchedulerConfig, Scheduler> maker,
            boolean hasKarras,
            List<String> names) {

        Method(
                String className,
                String title,
                Function<SchedulerConfig, Scheduler> maker,
                boolean hasKarras,
                String... names) {
            this(className, title, maker, hasKarras, List.of(names));
        }

        Scheduler make(SchedulerConfig config) {
            return maker.apply(config);
        }

        String name() {
            return names.get(0);
        }

        boolean answersTo(String name) {
            return Stream.concat(Stream.of(className), names.stream())
                    .anyMatch(n -> normalise(n).equals(name));
        }
    }
}
