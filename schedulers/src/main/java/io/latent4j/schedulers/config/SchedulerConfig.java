package io.latent4j.schedulers.config;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.schedulers.ClippedScheduler;
import io.latent4j.schedulers.Clipping;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.process.DdpmVariance;
import io.latent4j.schedulers.process.EdmNoise;
import io.latent4j.schedulers.process.NoiseProcess;
import io.latent4j.schedulers.process.NoiseSchedule;
import io.latent4j.schedulers.process.RectifiedFlow;
import io.latent4j.schedulers.spacing.FlowShift;
import io.latent4j.schedulers.spacing.SpacingName;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * What a model's {@code scheduler_config.json} says, key by key. A key that is absent or null takes the default of the
 * method that reads it, so a model can be sampled by another method than the one its file names: what the file says
 * carries over, defaults do not.
 */
public final class SchedulerConfig {
    /**
     * The flag of a rectified flow whose runs are cut into steps of one length before they are shifted, where a method begins
     * with noise alone: a key of latent4j's own, for what the reference implementation's pipelines do.
     */
    public static final String EQUAL_STEPS = "flow_equal_steps";

    /** The flag of a flow that is shifted by the number of steps too, {@link FlowShift.BySizeAndSteps}: a key of our own. */
    public static final String SHIFT_BY_STEPS = "flow_shift_by_steps";

    private static final String SETTINGS_NAME = "the scheduler's settings";

    private static final Map<String, PredictionType> PREDICTION_TYPES = ImmutableMap.of(
            "epsilon", PredictionType.EPSILON,
            "v_prediction", PredictionType.V_PREDICTION,
            "sample", PredictionType.SAMPLE,
            "flow_prediction", PredictionType.FLOW);
    private static final Map<String, TimestepSpacing> SPACINGS = ImmutableMap.of(
            "leading", TimestepSpacing.LEADING,
            "linspace", TimestepSpacing.LINSPACE,
            "trailing", TimestepSpacing.TRAILING);

    private static final Map<String, Boolean> SHIFT_TYPES = ImmutableMap.of("exponential", true, "linear", false);

    /** Whether a fixed variance passes through its logarithm changes nothing here. */
    private static final Map<String, DdpmVariance> VARIANCES = ImmutableMap.of(
            "fixed_small", DdpmVariance.FIXED_SMALL,
            "fixed_small_log", DdpmVariance.FIXED_SMALL,
            "fixed_large", DdpmVariance.FIXED_LARGE,
            "fixed_large_log", DdpmVariance.FIXED_LARGE,
            "learned", DdpmVariance.LEARNED,
            "learned_range", DdpmVariance.LEARNED_RANGE);

    private static final List<String> DISTILLED_CLASSES = List.of("LCMScheduler", "TCDScheduler");
    private static final List<String> EULER_CLASSES =
            List.of("EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler");

    private final Config values;
    private final String modelClass; // which the file names, whatever method samples
    private final ImmutableMap<String, String> settings;
    private final NoiseSchedule noise;
    private final PredictionType predictionType;

    private SchedulerConfig(Config values, String modelClass, ImmutableMap<String, String> settings) {
        this.values = values;
        this.modelClass = modelClass;
        this.settings = settings;
        this.noise = TrainedNoiseReader.read(this);
        this.predictionType = choice(
                "prediction_type",
                modelClass.startsWith("FlowMatch") ? "flow_prediction" : "epsilon",
                PREDICTION_TYPES);
        if (predictionType != PredictionType.FLOW) {
            refuseFlags("use_flow_sigmas");
        }
    }

    /**
     * Reads {@code json}.
     *
     * @param file what error messages call it
     * @throws IllegalArgumentException naming the key and value that is not understood
     */
    public static SchedulerConfig from(JsonObject json, String file) {
        return new SchedulerConfig(Config.of(file, json), modelClass(json), ImmutableMap.of());
    }

    private static String modelClass(JsonObject json) {
        return json.get("_class_name") instanceof JsonPrimitive name && name.isString() ? name.getAsString() : "";
    }

    /** This config for a method that declares {@code keys}: to read another key is an {@link IllegalStateException}. */
    public SchedulerConfig declaring(Keys keys) {
        return changed(values.declaring(keys.readOf(this)));
    }

    /** This config as if the file named the method {@code className}: what is absent takes that method's defaults. */
    public SchedulerConfig sampledBy(String className) {
        return changed(values.with("_class_name", new JsonPrimitive(className), values.name()));
    }

    /**
     * This config with {@code key} set to {@code value}.
     *
     * @throws IllegalArgumentException if the key is one of the noise the model was trained with, or of what its network
     *     predicts, none of which is a flag
     */
    public SchedulerConfig with(String key, boolean value) {
        return changed(values.with(key, new JsonPrimitive(value), values.name()));
    }

    /** This config with {@code key} set to {@code value} where it says nothing of it. */
    public SchedulerConfig withDefault(String key, boolean value) {
        return has(key) ? this : with(key, value);
    }

    private SchedulerConfig changed(Config values) {
        return new SchedulerConfig(values, modelClass, settings);
    }

    /**
     * This config with a user's value for {@code key}, as the file would have it: {@code timestep_spacing} trailing, {@code
     * solver_order} 3, {@code use_karras_sigmas} true, {@code disable_corrector} [0, 1].
     *
     * <p>Other values than those of the noise and of {@code prediction_type} are checked by the method that reads them,
     * when the catalogue makes it, which refuses those it does not read.
     *
     * @throws IllegalArgumentException for a key that no method reads, with the nearest that one does; for a list that is
     *     none; and for a value that is not understood of the noise the model was trained with, or of {@code
     *     prediction_type}
     */
    public SchedulerConfig withSetting(String key, String value) {
        if (!SchedulerKeys.isSetting(key)) {
            throw new IllegalArgumentException("there is no setting of schedulers called \"" + key
                    + "\"; the nearest are " + SchedulerKeys.nearest(key));
        }
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put(key, value.strip());
        Config changed = values.with(key, parsed(key, value.strip()), SETTINGS_NAME);
        return new SchedulerConfig(changed, modelClass, ImmutableMap.copyOf(all));
    }

    /**
     * Refuses keys that no method and no file of the reference implementation has: for what a person writes, where a
     * misspelt key would be ignored. A program's own notes, which begin with an underscore, may be there.
     *
     * @throws IllegalArgumentException naming the first, and the nearest that there are
     */
    public void refuseUnknownKeys() {
        for (String key : values.keys()) {
            if (!key.startsWith("_") && !SchedulerKeys.isInFiles(key)) {
                throw new IllegalArgumentException(values.name() + ": " + key
                        + " is no key of schedulers; the nearest are " + SchedulerKeys.nearest(key));
            }
        }
    }

    /** What the file says, with what was changed of it. */
    public JsonObject json() {
        return values.json();
    }

    /** The values of {@link #withSetting}, by key. */
    public Map<String, String> settings() {
        return settings;
    }

    private static JsonElement parsed(String key, String value) {
        if (value.equals("true") || value.equals("false")) {
            return new JsonPrimitive(value.equals("true"));
        }
        try {
            return value.startsWith("[") ? JsonParser.parseString(value) : new JsonPrimitive(new BigDecimal(value));
        } catch (NumberFormatException e) {
            return new JsonPrimitive(value);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException(
                    "the setting " + key + " is " + value + "; expected a list such as [0, 1]", e);
        }
    }

    /** This config with noise levels spaced as {@code name} says, whatever the file says of it. */
    public SchedulerConfig withSpacing(SpacingName name) {
        return changed(values.without(SpacingName.keys())
                .with(SchedulerKeys.SIGMA_SPACING, new JsonPrimitive(name.word()), values.name()));
    }

    /** How many timesteps the model was trained on. */
    public int trainingTimesteps() {
        return integer("num_train_timesteps", 1000);
    }

    /** The method the file names, such as {@code PNDMScheduler}; empty where it names none. */
    public Optional<String> className() {
        return Optional.of(text("_class_name", "")).filter(name -> !name.isEmpty());
    }

    /** What the network's output stands for. */
    public PredictionType predictionType() {
        return predictionType;
    }

    /** What the model was trained with. */
    public NoiseProcess process() {
        return switch (kind()) {
            case TRAINED_SCHEDULE -> noise();
            case RECTIFIED_FLOW -> flow();
            case EDM -> edmNoise();
        };
    }

    /** The kind of {@link #process}, whatever method samples it. */
    public ProcessKind kind() {
        if (modelClass.startsWith("EDM")) {
            return ProcessKind.EDM;
        }
        return predictionType == PredictionType.FLOW ? ProcessKind.RECTIFIED_FLOW : ProcessKind.TRAINED_SCHEDULE;
    }

    /** The noise of a model trained as in Karras et al. 2022. */
    public EdmNoise edmNoise() {
        EdmNoise.checkType(predictionType);
        return new EdmNoise(number("sigma_data").orElse(0.5));
    }

    /** The noise of a rectified flow. */
    public RectifiedFlow flow() {
        return new RectifiedFlow(trainingTimesteps());
    }

    /** Whether the levels of a rectified flow are moved by the size of the latents. */
    public boolean movesBySize() {
        return flag("use_dynamic_shifting", false);
    }

    /** How far the levels of a rectified flow are moved towards noise. */
    public FlowShift flowShift() {
        if (movesBySize() && flag(SHIFT_BY_STEPS, false)) {
            return new FlowShift.BySizeAndSteps();
        }
        if (movesBySize()) {
            return new FlowShift.BySize(
                    number("base_shift").orElse(0.5),
                    number("max_shift").orElse(1.15),
                    integer("base_image_seq_len", 256),
                    integer("max_image_seq_len", 4096),
                    choice("time_shift_type", "exponential", SHIFT_TYPES));
        }
        return new FlowShift.Fixed(
                number("flow_shift").orElseGet(() -> number("shift").orElse(1)));
    }

    /**
     * Whether the file is like those of models distilled to few steps: it names a method made for them, or Euler's with
     * steps spaced from the very end ({@code trailing}) of a schedule that keeps signal there, as those of Turbo and
     * Lightning are.
     */
    public boolean isDistilled() {
        String name = className().orElse("");
        boolean turbo = EULER_CLASSES.contains(name)
                && text("timestep_spacing", "").equals("trailing")
                && predictionType == PredictionType.EPSILON
                && !zeroTerminalSnr();
        return turbo || DISTILLED_CLASSES.contains(name);
    }

    /** The noise the model was trained with, stretched to zero terminal signal-to-noise where the file says so. */
    public NoiseSchedule noise() {
        if (zeroTerminalSnr() && noise.timesteps() == 1) {
            throw error("num_train_timesteps", 1, "2 or more, because rescale_betas_zero_snr is true");
        }
        return zeroTerminalSnr() ? noise.withZeroTerminalSnr() : noise;
    }

    /** The noise before any stretching, for methods that know nothing of it. */
    public NoiseSchedule plainNoise() {
        return noise;
    }

    /** The noise, with a trace of signal left at a stretched end: for methods that divide by the signal. */
    public NoiseSchedule noiseWithSignal() {
        return zeroTerminalSnr() ? noise().withTraceOfSignal() : noise;
    }

    public boolean zeroTerminalSnr() {
        return flag("rescale_betas_zero_snr", false);
    }

    public Timetable timetable(NoiseSchedule noise, String defaultSpacing) {
        TimestepSpacing spacing = choice("timestep_spacing", defaultSpacing, SPACINGS);
        return new Timetable(noise, spacing, integer("steps_offset", 0));
    }

    /** Where {@code set_alpha_to_one} has a run end. */
    public NoiseLevel alphaToOne(Timetable timetable, boolean byDefault) {
        return flag("set_alpha_to_one", byDefault)
                ? NoiseLevel.CLEAN
                : timetable.noise().level(0);
    }

    /** Where {@code final_sigmas_type} has a run end. */
    public NoiseLevel finalSigma(Timetable timetable) {
        supportsOnly("final_sigmas_type", "zero", "sigma_min");
        return text("final_sigmas_type", "zero").equals("zero")
                ? NoiseLevel.CLEAN
                : timetable.noise().level(0);
    }

    /** The same of a run along a rectified flow. */
    public NoiseLevel finalFlowLevel() {
        supportsOnly("final_sigmas_type", "zero", "sigma_min");
        return text("final_sigmas_type", "zero").equals("zero")
                ? NoiseLevel.CLEAN
                : flow().ofSigma((float) noiseWithSignal().ratio(0.0));
    }

    /** Whether steps add noise, where the method may go either way. */
    public boolean isSde() {
        return text("algorithm_type", "").startsWith("sde");
    }

    /** Whether {@code key} says how noise levels are spaced. */
    public static boolean isOfSpacing(String key) {
        return SchedulerKeys.isOfSpacing(key);
    }

    /** How noise levels are spaced, where not by training timesteps. */
    public SpacingSettings spacing() {
        return new SpacingSettings(this);
    }

    public Optional<Clipping> thresholding() {
        if (!flag("thresholding", false)) {
            return Optional.empty();
        }
        double ratio = number("dynamic_thresholding_ratio").orElse(0.995);
        return Optional.of(Clipping.dynamic(ratio, number("sample_max_value").orElse(1)));
    }

    public Optional<Clipping> clipping(boolean byDefault) {
        return flag("clip_sample", byDefault)
                ? Optional.of(Clipping.toRange(number("clip_sample_range").orElse(1)))
                : Optional.empty();
    }

    /** {@code method} behind the thresholding that the file asks for. */
    public Scheduler thresholded(Scheduler method) {
        return thresholding()
                .<Scheduler>map(clipping -> new ClippedScheduler(method, clipping))
                .orElse(method);
    }

    /** {@code method} behind the thresholding or else the clipping that the file asks for. */
    public Scheduler clipped(Scheduler method, boolean byDefault) {
        return thresholding()
                .or(() -> clipping(byDefault))
                .<Scheduler>map(
                        clipping -> new ClippedScheduler(method, clipping, flag("use_clipped_model_output", false)))
                .orElse(method);
    }

    /** Refuses predicted noise where a run would begin at a level without signal, from which no x0 follows. */
    public void refuseNoSignal(Timetable timetable) {
        if (timetable.spacing() != TimestepSpacing.LEADING) {
            refuseNoSignalAtTheEnd();
        }
    }

    /** The same, for methods whose every run begins at the last timestep. */
    public void refuseNoSignalAtTheEnd() {
        if (zeroTerminalSnr() && predictionType == PredictionType.EPSILON) {
            throw error(
                    "prediction_type",
                    "\"epsilon\" and rescale_betas_zero_snr true, so the first step would divide by no signal",
                    "one of v_prediction, sample");
        }
    }

    /**
     * The variance of a step of DDPM; {@code fixed_small} where the file says nothing.
     *
     * @throws IllegalArgumentException for one that is not known
     */
    public DdpmVariance ddpmVariance() {
        return choice("variance_type", "fixed_small", VARIANCES);
    }

    /** What {@code maker} makes, or its error with the file named. */
    public <T> T made(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            String file = values.name();
            String where = settings.isEmpty() ? file : file + " with the scheduler's settings";
            if (e.getMessage().startsWith(where + ": ")
                    || e.getMessage().startsWith(file + ": ")
                    || e.getMessage().startsWith(SETTINGS_NAME + ": ")) {
                throw e;
            }
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    /** The list at {@code key}; empty where there is none. */
    public List<Double> numbers(String key) {
        return values.reals(key, Bounds.finite(), List.of());
    }

    /** The string at {@code key}, which must be one of {@code allowed}, as {@code allowed} maps it. */
    public <T> T choice(String key, String byDefault, Map<String, T> allowed) {
        return values.choice(key, allowed, allowed.get(byDefault));
    }

    /** Refuses a string at {@code key} that is none of {@code allowed}, the first of which is the default. */
    public void supportsOnly(String key, String... allowed) {
        String name = text(key, allowed[0]);
        if (!List.of(allowed).contains(name)) {
            throw error(key, '"' + name + '"', "one of " + String.join(", ", allowed));
        }
    }

    /** Refuses {@code true} at any of {@code keys}. */
    public void refuseFlags(String... keys) {
        for (String key : keys) {
            if (flag(key, false)) {
                throw error(key, true, "false");
            }
        }
    }

    public boolean flag(String key, boolean byDefault) {
        return values.flag(key, byDefault);
    }

    public String text(String key, String byDefault) {
        return values.text(key, byDefault);
    }

    public int integer(String key, int byDefault) {
        return values.integer(key, Bounds.atLeast(0), byDefault);
    }

    public OptionalDouble number(String key) {
        if (!values.has(key)) {
            return OptionalDouble.empty();
        }
        double number = values.real(key);
        if (Double.isNaN(number)) {
            throw error(key, "NaN", "a number");
        }
        return OptionalDouble.of(number);
    }

    /** Whether there is a value at {@code key}. */
    boolean has(String key) {
        return values.has(key);
    }

    /** {@code file: key is found; expected …} */
    public IllegalArgumentException error(String key, Object found, Object expected) {
        return values.bad(key, found, String.valueOf(expected));
    }
}
