package io.latent4j.schedulers;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the {@link Scheduler} that a model's {@code scheduler_config.json} or a user names. */
public final class Schedulers {
    private static final String KARRAS = "karras";
    private static final Set<String> KARRAS_METHODS =
            Set.of("euler", "dpm++2m", "dpm++2s", "dpm++2m sde", "dpm++3m sde", "deis", "unipc");

    private static final List<SamplingMethod> METHODS = List.of(
            new SamplingMethod(
                    "DDIM",
                    Optional.of("DDIMScheduler"),
                    List.of("ddim"),
                    1,
                    false,
                    1,
                    "Song et al. 2020, arXiv:2010.02502",
                    DdimScheduler::from),
            new SamplingMethod(
                    "PLMS",
                    Optional.of("PNDMScheduler"),
                    List.of("pndm", "plms"),
                    2,
                    false,
                    1,
                    "Liu et al. 2022, arXiv:2202.09778",
                    PndmScheduler::from),
            new SamplingMethod(
                    "Euler",
                    Optional.of("EulerDiscreteScheduler"),
                    List.of("euler"),
                    1,
                    false,
                    1,
                    "Karras et al. 2022, arXiv:2206.00364, algorithm 2",
                    EulerScheduler::from),
            new SamplingMethod(
                    "Euler a",
                    Optional.of("EulerAncestralDiscreteScheduler"),
                    List.of("euler a", "euler ancestral"),
                    1,
                    true,
                    1,
                    "Karras et al. 2022, arXiv:2206.00364, appendix B",
                    EulerAncestralScheduler::from),
            new SamplingMethod(
                    "DPM++ 2M",
                    Optional.of("DPMSolverMultistepScheduler"),
                    List.of("dpm++2m", "dpmpp2m"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 2",
                    DpmSolverMultistep::from),
            new SamplingMethod(
                    "DPM++ 2S",
                    Optional.of("DPMSolverSinglestepScheduler"),
                    List.of("dpm++2s", "dpmpp2s"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 1",
                    DpmSolverSinglestep::from),
            new SamplingMethod(
                    "DPM++ 2M SDE",
                    Optional.empty(),
                    List.of("dpm++2m sde", "dpmpp2msde"),
                    2,
                    true,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, equation 5",
                    DpmSolverMultistepSde::from2M),
            new SamplingMethod(
                    "DPM++ 3M SDE",
                    Optional.empty(),
                    List.of("dpm++3m sde", "dpmpp3msde"),
                    2,
                    true,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, equation 5",
                    DpmSolverMultistepSde::from3M),
            new SamplingMethod(
                    "DEIS",
                    Optional.of("DEISMultistepScheduler"),
                    List.of("deis"),
                    2,
                    false,
                    1,
                    "Zhang and Chen 2022, arXiv:2204.13902",
                    DeisMultistep::from),
            new SamplingMethod(
                    "UniPC",
                    Optional.of("UniPCMultistepScheduler"),
                    List.of("unipc"),
                    3,
                    false,
                    1,
                    "Zhao et al. 2023, arXiv:2302.04867, algorithms 1 and 2",
                    UniPcMultistep::from));

    private Schedulers() {}

    /**
     * The method the model's file names, as the file sets it.
     *
     * @throws IllegalArgumentException naming the key and value that is not supported
     */
    public static Scheduler from(SchedulerConfig config) {
        String className = config.className().orElse("");
        return METHODS.stream()
                .filter(method -> method.className().filter(className::equals).isPresent())
                .findFirst()
                .orElseThrow(() -> config.error(
                        "_class_name",
                        className.isEmpty() ? "missing" : '"' + className + '"',
                        "one of " + list(method -> method.className().stream())))
                .maker()
                .apply(config);
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
        return choice.method.maker().apply(choice.karras ? config.with("use_karras_sigmas", true) : config);
    }

    /**
     * What web front ends call the method that {@link #named} makes of {@code name}, {@code "DPM++ 2M Karras"} for
     * instance; pictures carry it.
     *
     * @throws IllegalArgumentException for an unknown name
     */
    public static String title(String name) {
        Choice choice = Choice.of(name);
        return choice.method.title() + (choice.karras ? " Karras" : "");
    }

    /** The names to offer a user. */
    public static List<String> names() {
        return METHODS.stream()
                .flatMap(m -> hasKarras(m) ? Stream.of(m.name(), m.name() + " " + KARRAS) : Stream.of(m.name()))
                .toList();
    }

    private static boolean hasKarras(SamplingMethod method) {
        return KARRAS_METHODS.contains(method.name());
    }

    private static String list(Function<SamplingMethod, Stream<String>> what) {
        return METHODS.stream().flatMap(what).collect(Collectors.joining(", "));
    }

    /** What a user's name for a method means. */
    private record Choice(SamplingMethod method, boolean karras) {

        static Choice of(String name) {
            String plain = SamplingMethod.normalise(name);
            boolean karras = plain.endsWith(KARRAS);
            String bare = karras ? plain.substring(0, plain.length() - KARRAS.length()) : plain;
            SamplingMethod method = METHODS.stream()
                    .filter(m -> m.answersTo(bare))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("scheduler is \"" + name + "\"; expected one of "
                            + list(m -> Stream.of(m.name())) + ", with \" karras\" after "
                            + METHODS.stream()
                                    .filter(Schedulers::hasKarras)
                                    .map(SamplingMethod::name)
                                    .collect(Collectors.joining(" or "))));
            if (karras && !hasKarras(method)) {
                throw new IllegalArgumentException(
                        "scheduler is \"" + name + "\"; " + method.name() + " has no Karras spacing");
            }
            return new Choice(method, karras);
        }
    }
}
