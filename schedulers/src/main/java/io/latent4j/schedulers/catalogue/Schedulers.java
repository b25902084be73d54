package io.latent4j.schedulers.catalogue;

import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the {@link Scheduler} that a model's {@code scheduler_config.json} or a user names. */
public final class Schedulers {
    private Schedulers() {}

    /** The catalogue: every method there is, in the order to offer them. */
    public static List<SamplingMethod> methods() {
        return Catalogue.METHODS;
    }

    /**
     * The method the model's file names, as the file sets it.
     *
     * @throws IllegalArgumentException naming the key and value that is not supported, or a user's setting that the method
     *     does not read
     */
    public static Scheduler from(SchedulerConfig config) {
        String className = config.className().orElse("");
        SamplingMethod method = Catalogue.METHODS.stream()
                .filter(m -> m.classes().contains(className))
                .findFirst()
                .orElseThrow(() -> config.error(
                        "_class_name",
                        className.isEmpty() ? "missing" : '"' + className + '"',
                        "one of " + list(m -> m.classes().stream())));
        checkProcess(method, config);
        if (!method.spacesLevels()) {
            config.spacing().refuseChosen(className);
        }
        return made(method.name(), method::make, method.keys()::readOf, config);
    }

    /**
     * The method called {@code name} for the model {@code config} describes: one of {@link #names()}, what web front ends
     * call it or a class name of the reference implementation, in any case and with or without blanks and hyphens. One of
     * {@link #spacings()} may follow, for methods that place their levels so: "DPM++ 2M Karras".
     *
     * @throws IllegalArgumentException for an unknown name, or a setting the method does not support; a user's setting is
     *     to be one that the method reads, and not of the spacing where the name has one
     */
    public static Scheduler named(String name, SchedulerConfig config) {
        Choice choice = Choice.of(name);
        checkProcess(choice.method(), config);
        if (!choice.method().spacesLevels()) {
            config.spacing().refuseSet(choice.method().name());
        }
        choice.spacing().ifPresent(config.spacing()::refuseSet);
        return made(choice.name(), choice::make, choice::keysRead, config);
    }

    /**
     * What {@code maker} makes of {@code config}, if no setting of the user is left over. What is wrong with a setting that is
     * read is said first.
     */
    private static Scheduler made(
            String name,
            Function<SchedulerConfig, Scheduler> maker,
            Function<SchedulerConfig, Set<String>> keys,
            SchedulerConfig config) {
        Scheduler scheduler = config.made(() -> maker.apply(config));
        Set<String> read = config.settings().isEmpty() ? Set.of() : keys.apply(config);
        String leftOver = config.settings().keySet().stream()
                .filter(key -> !read.contains(key))
                .map(key -> key + " has no effect on " + name + readers(key, config))
                .collect(Collectors.joining("; "));
        if (!leftOver.isEmpty()) {
            throw new IllegalArgumentException("the scheduler's settings: " + leftOver);
        }
        return scheduler;
    }

    /** Which methods would read a setting; if none does, as it is alone or beside the others, then which spaced ones. */
    private static String readers(String key, SchedulerConfig config) {
        return Stream.<Optional<SpacingName>>of(Optional.empty(), Optional.of(SpacingName.KARRAS))
                .map(spacing -> Catalogue.METHODS.stream()
                        .filter(method -> spacing.isEmpty() || method.spacesLevels())
                        .map(method -> new Choice(method, spacing))
                        .filter(choice -> choice.reads(key, config))
                        .map(Choice::name)
                        .collect(Collectors.joining(", ")))
                .filter(names -> !names.isEmpty())
                .findFirst()
                .map(names -> "; it is read by " + names)
                .orElse(" beside the other settings");
    }

    /** Refuses a method that cannot sample what the model was trained with. */
    static void checkProcess(SamplingMethod method, SchedulerConfig config) {
        if (method.processes().contains(config.kind())) {
            return;
        }
        if (config.kind() == ProcessKind.RECTIFIED_FLOW) {
            throw config.error(
                    "prediction_type",
                    "flow_prediction",
                    "one other than flow_prediction for " + method.name()
                            + ": the network was trained on another process; methods for it are "
                            + list(m -> Stream.of(m.name())
                                    .filter(n -> m.processes().contains(config.kind()))));
        }
        throw config.error(
                "_class_name",
                config.className().map(name -> '"' + name + '"').orElse("missing"),
                "one that does not begin with EDM for " + method.name()
                        + ": the network was trained on another process; methods for it are "
                        + list(m ->
                                Stream.of(m.name()).filter(n -> m.processes().contains(config.kind()))));
    }

    /**
     * What web front ends call the method that {@link #named} makes of {@code name}, {@code "DPM++ 2M Karras"} for
     * instance; images carry it.
     *
     * @throws IllegalArgumentException for an unknown name
     */
    public static String title(String name) {
        Choice choice = Choice.of(name);
        return choice.method().title()
                + choice.spacing().map(spacing -> " " + spacing.title()).orElse("");
    }

    /**
     * The same of the method that {@link #from} makes of {@code config}.
     *
     * @throws IllegalArgumentException if no method has the class it names
     */
    public static String title(SchedulerConfig config) {
        Choice own = Choice.of(config.className().orElse(""));
        Set<String> read = own.keysRead(config);
        boolean sde = read.contains("algorithm_type")
                && config.isSde()
                && !own.method().title().contains("SDE");
        return own.method().title()
                + (sde ? " SDE" : "")
                + config.spacing()
                        .name(read::contains)
                        .map(spacing -> " " + spacing.title())
                        .orElse("");
    }

    /**
     * Whether the method that {@link #named} makes of {@code name} has a look at {@code key} of {@code config}, which has a
     * value there.
     *
     * @throws IllegalArgumentException for an unknown name
     */
    public static boolean reads(String name, String key, SchedulerConfig config) {
        return Choice.of(name).reads(key, config);
    }

    /** The names to offer a user; of the spacings, which all go with the same methods, karras stands for all. */
    public static List<String> names() {
        return Catalogue.METHODS.stream()
                .flatMap(m -> m.spacesLevels()
                        ? Stream.of(m.name(), m.name() + " " + SpacingName.KARRAS.word())
                        : Stream.of(m.name()))
                .toList();
    }

    /** What may follow the name of a method that is offered with karras. */
    public static List<String> spacings() {
        return SpacingName.words();
    }

    static String list(Function<SamplingMethod, Stream<String>> what) {
        return Catalogue.METHODS.stream().flatMap(what).collect(Collectors.joining(", "));
    }
}
