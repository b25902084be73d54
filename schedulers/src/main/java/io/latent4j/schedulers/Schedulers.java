package io.latent4j.schedulers;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes the {@link Scheduler} that a model's {@code scheduler_config.json} or a user names. */
public final class Schedulers {
    private static final String KARRAS = "karras";

    private Schedulers() {}

    /**
     * The method the model's file names, as the file sets it.
     *
     * @throws IllegalArgumentException naming the key and value that is not supported
     */
    public static Scheduler from(SchedulerConfig config) {
        String className = config.className().orElse("");
        return Arrays.stream(Method.values())
                .filter(method -> method.className.equals(className))
                .findFirst()
                .map(method -> method.make(config))
                .orElseThrow(() -> config.error(
                        "_class_name",
                        className.isEmpty() ? "missing" : '"' + className + '"',
                        "one of " + list(method -> method.className)));
    }

    /**
     * The method called {@code name} for the model {@code config} describes: one of {@link #names()} or a class name of
     * the reference implementation, in any case and with or without blanks and hyphens. A last word "karras" turns
     * Karras spacing on.
     *
     * @throws IllegalArgumentException for an unknown name, or a setting the method does not support
     */
    public static Scheduler named(String name, SchedulerConfig config) {
        String plain = normalise(name);
        boolean karras = plain.endsWith(KARRAS);
        String bare = karras ? plain.substring(0, plain.length() - KARRAS.length()) : plain;
        Method method = Arrays.stream(Method.values())
                .filter(m -> m.answersTo(bare))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("scheduler is \"" + name + "\"; expected one of "
                        + list(m -> m.names.get(0)) + ", with \" karras\" after "
                        + Arrays.stream(Method.values())
                                .filter(m -> m.hasKarras)
                                .map(m -> m.names.get(0))
                                .collect(Collectors.joining(" or "))));
        if (karras && !method.hasKarras) {
            throw new IllegalArgumentException(
                    "scheduler is \"" + name + "\"; " + method.names.get(0) + " has no Karras spacing");
        }
        return method.make(karras ? config.with("use_karras_sigmas", true) : config);
    }

    /** The names to offer a user. */
    public static List<String> names() {
        return Arrays.stream(Method.values())
                .flatMap(m -> m.hasKarras
                        ? Stream.of(m.names.get(0), m.names.get(0) + " " + KARRAS)
                        : Stream.of(m.names.get(0)))
                .toList();
    }

    private static String list(Function<Method, String> name) {
        return Arrays.stream(Method.values()).map(name).collect(Collectors.joining(", "));
    }

    private static String normalise(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]", "");
    }

    private enum Method {
        DDIM("DDIMScheduler", false, "ddim") {
            @Override
            Scheduler make(SchedulerConfig config) {
                boolean reachesTheEnd = config.spacing("leading") != TimestepSpacing.LEADING;
                if (config.zeroTerminalSnr() && reachesTheEnd && config.predictionType() == PredictionType.EPSILON) {
                    throw config.error(
                            "prediction_type",
                            "\"epsilon\" and rescale_betas_zero_snr true, so the first step would divide by no signal",
                            "one of v_prediction, sample");
                }
                Timetable timetable = config.timetable(config.noise(), "leading");
                return clipped(new DdimScheduler(timetable, last(timetable, config, true), 0), config, true);
            }
        },
        PNDM("PNDMScheduler", false, "pndm", "plms") {
            @Override
            Scheduler make(SchedulerConfig config) {
                Timetable timetable = config.timetable(config.plainNoise(), "leading");
                return new PndmScheduler(
                        timetable,
                        config.predictionType(),
                        last(timetable, config, false),
                        config.flag("skip_prk_steps", false));
            }
        },
        EULER("EulerDiscreteScheduler", true, "euler") {
            @Override
            Scheduler make(SchedulerConfig config) {
                config.refuseFlags("use_exponential_sigmas", "use_beta_sigmas");
                config.supportsOnly("interpolation_type", "linear");
                config.supportsOnly("timestep_type", "discrete");
                Timetable timetable = config.timetable(tracedNoise(config), "linspace");
                return new EulerScheduler(
                        timetable,
                        karras(config, new Karras(config.number("sigma_min"), config.number("sigma_max"))),
                        last(timetable, config));
            }
        },
        EULER_ANCESTRAL("EulerAncestralDiscreteScheduler", false, "euler a", "euler ancestral") {
            @Override
            Scheduler make(SchedulerConfig config) {
                return new EulerAncestralScheduler(config.timetable(tracedNoise(config), "linspace"));
            }
        },
        DPM_SOLVER_PLUS_PLUS_2M("DPMSolverMultistepScheduler", true, "dpm++2m", "dpmpp2m", "dpmsolver++") {
            @Override
            Scheduler make(SchedulerConfig config) {
                config.supportsOnly("algorithm_type", "dpmsolver++", "deis");
                config.supportsOnly("solver_order", 2);
                config.supportsOnly("solver_type", "midpoint", "bh1", "bh2", "logrho");
                config.refuseFlags("use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas");
                refuseClippedLambda(config);
                refuseLearnedVariance(config);
                refuseKarrasOnCosine(config);
                Timetable timetable = config.timetable(tracedNoise(config), "linspace");
                Scheduler method = new DpmSolverPlusPlus2M(
                        timetable,
                        karras(config, new Karras()),
                        last(timetable, config),
                        config.flag("lower_order_final", true),
                        config.flag("euler_at_final", false));
                return thresholded(method, config).orElse(method);
            }

            private void refuseKarrasOnCosine(SchedulerConfig config) {
                if (config.flag("use_karras_sigmas", false)
                        && config.text("beta_schedule", "linear").equals("squaredcos_cap_v2")) {
                    throw config.error("use_karras_sigmas", "true with beta_schedule \"squaredcos_cap_v2\"", "false");
                }
            }

            private void refuseClippedLambda(SchedulerConfig config) {
                double lambda = config.number("lambda_min_clipped").orElse(Double.NEGATIVE_INFINITY);
                if (lambda != Double.NEGATIVE_INFINITY) {
                    throw config.error("lambda_min_clipped", lambda, "-Infinity");
                }
            }

            private void refuseLearnedVariance(SchedulerConfig config) {
                String type = config.text("variance_type", "fixed_small");
                if (type.startsWith("learned")) {
                    throw config.error("variance_type", '"' + type + '"', "null");
                }
            }
        };

        private final String className;
        private final boolean hasKarras;
        private final ImmutableList<String> names;

        Method(String className, boolean hasKarras, String... names) {
            this.className = className;
            this.hasKarras = hasKarras;
            this.names = ImmutableList.copyOf(names);
        }

        abstract Scheduler make(SchedulerConfig config);

        boolean answersTo(String name) {
            return normalise(className).equals(name)
                    || names.stream().anyMatch(n -> normalise(n).equals(name));
        }

        private static NoiseSchedule tracedNoise(SchedulerConfig config) {
            return config.zeroTerminalSnr() ? config.noise().withTraceOfSignal() : config.noise();
        }

        private static NoiseLevel last(Timetable timetable, SchedulerConfig config, boolean toOne) {
            return config.flag("set_alpha_to_one", toOne)
                    ? NoiseLevel.CLEAN
                    : timetable.noise().level(0);
        }

        private static NoiseLevel last(Timetable timetable, SchedulerConfig config) {
            config.supportsOnly("final_sigmas_type", "zero", "sigma_min");
            return config.text("final_sigmas_type", "zero").equals("zero")
                    ? NoiseLevel.CLEAN
                    : timetable.noise().level(0);
        }

        private static Optional<Karras> karras(SchedulerConfig config, Karras karras) {
            return config.flag("use_karras_sigmas", false) ? Optional.of(karras) : Optional.empty();
        }

        private static Scheduler clipped(Scheduler method, SchedulerConfig config, boolean byDefault) {
            return thresholded(method, config)
                    .orElseGet(() -> config.flag("clip_sample", byDefault)
                            ? new ClippedScheduler(
                                    method,
                                    Clipping.toRange(
                                            config.number("clip_sample_range").orElse(1)))
                            : method);
        }

        private static Optional<Scheduler> thresholded(Scheduler method, SchedulerConfig config) {
            return config.flag("thresholding", false)
                    ? Optional.of(new ClippedScheduler(
                            method,
                            Clipping.dynamic(
                                    config.number("dynamic_thresholding_ratio").orElse(0.995),
                                    config.number("sample_max_value").orElse(1))))
                    : Optional.empty();
        }
    }
}
