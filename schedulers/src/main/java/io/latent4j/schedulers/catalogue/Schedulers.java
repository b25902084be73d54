package io.latent4j.schedulers.catalogue;

import io.latent4j.core.config.EditDistance;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.ProcessKind;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.samplers.DdimScheduler;
import io.latent4j.schedulers.samplers.DdpmScheduler;
import io.latent4j.schedulers.samplers.DeisMultistep;
import io.latent4j.schedulers.samplers.DpmSolverMultistep;
import io.latent4j.schedulers.samplers.DpmSolverMultistepSde;
import io.latent4j.schedulers.samplers.DpmSolverPlusPlus2SAncestral;
import io.latent4j.schedulers.samplers.DpmSolverSdeScheduler;
import io.latent4j.schedulers.samplers.DpmSolverSinglestep;
import io.latent4j.schedulers.samplers.EulerAncestralScheduler;
import io.latent4j.schedulers.samplers.EulerScheduler;
import io.latent4j.schedulers.samplers.HeunScheduler;
import io.latent4j.schedulers.samplers.Kdpm2AncestralScheduler;
import io.latent4j.schedulers.samplers.Kdpm2Scheduler;
import io.latent4j.schedulers.samplers.LcmScheduler;
import io.latent4j.schedulers.samplers.LmsScheduler;
import io.latent4j.schedulers.samplers.PndmScheduler;
import io.latent4j.schedulers.samplers.RestartScheduler;
import io.latent4j.schedulers.samplers.TcdScheduler;
import io.latent4j.schedulers.samplers.UniPcMultistep;
import io.latent4j.schedulers.spacing.SpacingName;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the {@link Scheduler} that a model's {@code scheduler_config.json} or a user names. */
public final class Schedulers {
    private static final List<SamplingMethod> METHODS = List.of(
            new SamplingMethod(
                            "DDIM",
                            Optional.of("DDIMScheduler"),
                            List.of("ddim"),
                            1,
                            false,
                            1,
                            "Song et al. 2020, arXiv:2010.02502",
                            DdimScheduler::from)
                    .atTrainedTimesteps(),
            new SamplingMethod(
                            "DDPM",
                            Optional.of("DDPMScheduler"),
                            List.of("ddpm"),
                            1,
                            true,
                            1,
                            "Ho et al. 2020, arXiv:2006.11239",
                            DdpmScheduler::from)
                    .atTrainedTimesteps(),
            new SamplingMethod(
                            "PLMS",
                            Optional.of("PNDMScheduler"),
                            List.of("pndm", "plms"),
                            2,
                            false,
                            1,
                            "Liu et al. 2022, arXiv:2202.09778",
                            PndmScheduler::from)
                    .atTrainedTimesteps(),
            new SamplingMethod(
                            "Euler",
                            Optional.of("EulerDiscreteScheduler"),
                            List.of("euler", "euler flow", "flow match euler", "edm euler"),
                            1,
                            false,
                            1,
                            "Karras et al. 2022, arXiv:2206.00364, algorithm 2",
                            EulerScheduler::from)
                    .alsoNamed("FlowMatchEulerDiscreteScheduler", "EDMEulerScheduler"),
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
                            List.of("dpm++2m", "dpm solver++", "edm dpm++2m"),
                            2,
                            false,
                            1,
                            "Lu et al. 2022, arXiv:2211.01095, algorithm 2",
                            DpmSolverMultistep::from)
                    .alsoNamed("EDMDPMSolverMultistepScheduler"),
            new SamplingMethod(
                    "DPM-Solver 2M",
                    Optional.empty(),
                    List.of("dpm solver 2m", "dpm solver"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2206.00927",
                    DpmSolverMultistep::ofNoise),
            new SamplingMethod(
                    "DPM++ 3M",
                    Optional.empty(),
                    List.of("dpm++3m"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 2",
                    DpmSolverMultistep::from3M),
            new SamplingMethod(
                    "DPM++ 2S",
                    Optional.of("DPMSolverSinglestepScheduler"),
                    List.of("dpm++2s"),
                    2,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 1",
                    DpmSolverSinglestep::from),
            new SamplingMethod(
                    "DPM++ 3S",
                    Optional.empty(),
                    List.of("dpm++3s"),
                    3,
                    false,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 1",
                    DpmSolverSinglestep::from3S),
            new SamplingMethod(
                    "DPM++ 2M SDE",
                    Optional.empty(),
                    List.of("dpm++2m sde"),
                    2,
                    true,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, equation 5",
                    DpmSolverMultistepSde::from2M),
            new SamplingMethod(
                    "DPM++ 2M SDE Heun",
                    Optional.empty(),
                    List.of("dpm++2m sde heun"),
                    2,
                    true,
                    1,
                    "Lu et al. 2022, arXiv:2211.01095, equation 5",
                    DpmSolverMultistepSde::from2MHeun),
            new SamplingMethod(
                    "DPM++ 3M SDE",
                    Optional.empty(),
                    List.of("dpm++3m sde"),
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
                    List.of("unipc", "unipc bh2"),
                    3,
                    false,
                    1,
                    "Zhao et al. 2023, arXiv:2302.04867, algorithms 1 and 2",
                    UniPcMultistep::from),
            new SamplingMethod(
                    "LMS",
                    Optional.of("LMSDiscreteScheduler"),
                    List.of("lms"),
                    4,
                    false,
                    1,
                    "Karras et al. 2022, arXiv:2206.00364, by Adams-Bashforth",
                    LmsScheduler::from),
            new SamplingMethod(
                            "Heun",
                            Optional.of("HeunDiscreteScheduler"),
                            List.of("heun"),
                            2,
                            false,
                            2,
                            "Karras et al. 2022, arXiv:2206.00364, algorithm 2",
                            HeunScheduler::from)
                    .alsoNamed("FlowMatchHeunDiscreteScheduler"),
            new SamplingMethod(
                    "DPM2",
                    Optional.of("KDPM2DiscreteScheduler"),
                    List.of("dpm2", "kdpm2"),
                    2,
                    false,
                    2,
                    "Lu et al. 2022, arXiv:2206.00927, algorithm 1",
                    Kdpm2Scheduler::from),
            new SamplingMethod(
                    "DPM2 a",
                    Optional.of("KDPM2AncestralDiscreteScheduler"),
                    List.of("dpm2 a", "kdpm2 a"),
                    2,
                    true,
                    2,
                    "Lu et al. 2022, arXiv:2206.00927, algorithm 1",
                    Kdpm2AncestralScheduler::from),
            new SamplingMethod(
                    "DPM++ 2S a",
                    Optional.empty(),
                    List.of("dpm++2s a"),
                    2,
                    true,
                    2,
                    "Lu et al. 2022, arXiv:2211.01095, algorithm 1",
                    DpmSolverPlusPlus2SAncestral::from),
            new SamplingMethod(
                    "DPM++ SDE",
                    Optional.of("DPMSolverSDEScheduler"),
                    List.of("dpm++ sde"),
                    2,
                    true,
                    2,
                    "Lu et al. 2022, arXiv:2211.01095",
                    DpmSolverSdeScheduler::from),
            new SamplingMethod(
                            "Restart",
                            Optional.empty(),
                            List.of("restart"),
                            2,
                            true,
                            2,
                            "Xu et al. 2023, arXiv:2306.14878",
                            RestartScheduler::from)
                    .on(ProcessKind.TRAINED_SCHEDULE),
            new SamplingMethod(
                            "LCM",
                            Optional.of("LCMScheduler"),
                            List.of("lcm"),
                            1,
                            true,
                            1,
                            "Luo et al. 2023, arXiv:2310.04378",
                            LcmScheduler::from)
                    .atTrainedTimesteps()
                    .on(ProcessKind.TRAINED_SCHEDULE, ProcessKind.RECTIFIED_FLOW)
                    .alsoNamed("FlowMatchLCMScheduler"),
            new SamplingMethod(
                            "TCD",
                            Optional.of("TCDScheduler"),
                            List.of("tcd"),
                            1,
                            true,
                            1,
                            "Zheng et al. 2024, arXiv:2402.19159",
                            TcdScheduler::from)
                    .atTrainedTimesteps());

    private Schedulers() {}

    /** The catalogue: every method there is, in the order to offer them. */
    public static List<SamplingMethod> methods() {
        return METHODS;
    }

    /**
     * The method the model's file names, as the file sets it.
     *
     * @throws IllegalArgumentException naming the key and value that is not supported, or a user's setting that the method
     *     does not read
     */
    public static Scheduler from(SchedulerConfig config) {
        String className = config.className().orElse("");
        SamplingMethod method = METHODS.stream()
                .filter(m -> m.classes().contains(className))
                .findFirst()
                .orElseThrow(() -> config.error(
                        "_class_name",
                        className.isEmpty() ? "missing" : '"' + className + '"',
                        "one of " + list(m -> m.classes().stream())));
        checkProcess(method, config);
        if (!method.spacesLevels()) {
            config.refuseChosenSpacing(className);
        }
        return made(method.name(), method.maker(), config);
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
        checkProcess(choice.method, config);
        if (!choice.method.spacesLevels()) {
            config.refuseSetSpacing(choice.method.name());
        }
        choice.spacing.ifPresent(config::refuseSetSpacing);
        return made(choice.name(), choice::make, config);
    }

    /** What {@code maker} makes of {@code config}, if no setting of the user is left over. */
    private static Scheduler made(String name, Function<SchedulerConfig, Scheduler> maker, SchedulerConfig config) {
        if (config.settings().isEmpty()) {
            return config.made(() -> maker.apply(config));
        }
        Set<String> read = new HashSet<>();
        SchedulerConfig telling = config.telling(read::add);
        telling.process(); // which is read whatever the method
        Scheduler scheduler = config.made(() -> maker.apply(telling));
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
                .map(spacing -> METHODS.stream()
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
    private static void checkProcess(SamplingMethod method, SchedulerConfig config) {
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
        return choice.method.title()
                + choice.spacing.map(spacing -> " " + spacing.title()).orElse("");
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
                && !own.method.title().contains("SDE");
        return own.method.title()
                + (sde ? " SDE" : "")
                + config.spacingName(read::contains)
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
        return METHODS.stream()
                .flatMap(m -> m.spacesLevels()
                        ? Stream.of(m.name(), m.name() + " " + SpacingName.KARRAS.word())
                        : Stream.of(m.name()))
                .toList();
    }

    /** What may follow the name of a method that is offered with karras. */
    public static List<String> spacings() {
        return SpacingName.words();
    }

    private static String list(Function<SamplingMethod, Stream<String>> what) {
        return METHODS.stream().flatMap(what).collect(Collectors.joining(", "));
    }

    /** What a user's name for a method means. */
    private record Choice(SamplingMethod method, Optional<SpacingName> spacing) {
        private static final int NEAREST = 3;

        static Choice of(String name) {
            Choice choice = METHODS.stream()
                    .flatMap(method -> SpacingName.choices().map(spacing -> new Choice(method, spacing)))
                    .filter(c -> c.isCalled(name))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalArgumentException("scheduler is \"" + name + "\"; the nearest names are "
                                    + nearest(name) + "; `latent4j schedulers` and Schedulers.names() list all"));
            if (choice.spacing.isPresent() && !choice.method.spacesLevels()) {
                throw new IllegalArgumentException("scheduler is \"" + name + "\"; " + choice.method.name()
                        + " visits trained timesteps and takes no spacing; expected one of "
                        + list(m -> Stream.of(m.name()).filter(n -> m.spacesLevels())) + " before "
                        + choice.spacing.orElseThrow().word());
            }
            return choice;
        }

        /** The method, as {@code config} sets it. */
        Scheduler make(SchedulerConfig config) {
            SchedulerConfig own = method.className().map(config::sampledBy).orElse(config);
            return method.maker().apply(spacing.map(own::withSpacing).orElse(own));
        }

        /** Whether {@link #make} has a look at {@code key}. */
        boolean reads(String key, SchedulerConfig config) {
            boolean named = spacing.isPresent() && SchedulerConfig.isOfSpacing(key);
            return !named && keysRead(config).contains(key);
        }

        /** All that {@link #make} has a look at, and {@link SchedulerConfig#process} before it. */
        Set<String> keysRead(SchedulerConfig config) {
            Set<String> read = new HashSet<>();
            try {
                checkProcess(method, config);
                SchedulerConfig telling = config.telling(read::add);
                telling.process();
                make(telling);
            } catch (IllegalArgumentException e) {
                return read; // what another setting is wrong with does not matter here
            }
            return read;
        }

        private boolean isCalled(String name) {
            return distance(name) == 0;
        }

        private static String nearest(String name) {
            return METHODS.stream()
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

        private String name() {
            return method.name() + spacing.map(s -> " " + s.word()).orElse("");
        }
    }
}
