package io.latent4j.schedulers.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.schedulers.ClippedScheduler;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.levels.SolverLevels;
import io.latent4j.schedulers.levels.TrainedLevels;
import io.latent4j.schedulers.samplers.DdimScheduler;
import io.latent4j.schedulers.samplers.DpmAlgorithm;
import io.latent4j.schedulers.samplers.DpmSolverMultistep;
import io.latent4j.schedulers.samplers.EulerAncestralScheduler;
import io.latent4j.schedulers.samplers.EulerScheduler;
import io.latent4j.schedulers.samplers.PndmScheduler;
import io.latent4j.schedulers.samplers.Runs;
import io.latent4j.schedulers.samplers.UniPcMultistep;
import io.latent4j.schedulers.spacing.BetaSpacing;
import io.latent4j.schedulers.spacing.BoundedSpacing;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulersTest {
    private static final String FILE = "scheduler/scheduler_config.json: ";

    @Test
    void makesWhatTheFileNames() {
        assertThat(Schedulers.from(Runs.stableDiffusion())).isInstanceOf(PndmScheduler.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"euler a", "Euler-A", "euler_ancestral", "EulerAncestralDiscreteScheduler"})
    void knowsAMethodByManyNames(String name) {
        assertThat(Schedulers.named(name, Runs.stableDiffusion())).isInstanceOf(EulerAncestralScheduler.class);
    }

    @Test
    void everyOfferedNameWorks() {
        assertThat(Schedulers.names())
                .contains("ddim", "euler", "euler karras", "euler a", "dpm++2m karras")
                .allSatisfy(name -> assertThat(
                                Schedulers.named(name, Runs.stableDiffusion()).plan(20))
                        .isNotNull());
    }

    @Test
    void stepsThatPutNoiseBackForgetTheLatents() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = manager.create(new float[] {0.5f, -0.25f}, new Shape(1, 1, 1, 2));
            NDArray eps = manager.create(new float[] {-1, 2}, new Shape(1, 1, 1, 2));
            Denoiser model = (latents, at) -> new Prediction(x0, eps);
            List<String> renoising = new ArrayList<>();
            for (SamplingMethod method : Schedulers.methods()) {
                Scheduler scheduler = Schedulers.named(method.name(), Runs.stableDiffusion());
                if (scheduler.renoises()) {
                    renoising.add(method.name());
                    Plan plan = scheduler.plan(10);
                    assertThat(step(scheduler, plan, x0, model)).isEqualTo(step(scheduler, plan, eps, model));
                }
            }
            assertThat(renoising).containsExactly("ddim", "euler", "euler a");
        }
        SchedulerConfig corrected = Runs.config("\"clip_sample\": true, \"use_clipped_model_output\": true");
        assertThat(Schedulers.named("ddim", corrected).renoises()).isFalse();
    }

    private static float[] step(Scheduler scheduler, Plan plan, NDArray latents, Denoiser model) {
        return scheduler
                .step(plan, SamplerState.start(latents), model, new TorchRandom(5))
                .latents()
                .toFloatArray();
    }

    @ParameterizedTest
    @CsvSource({
        "euler karras, Euler Karras",
        "Euler SGM Uniform, Euler SGM Uniform",
        "EulerDiscreteScheduler Beta, Euler Beta",
        "k_euler_a, Euler a",
        "euler_ancestral_exponential, Euler a Exponential",
        "DPM++ 2M Karras, DPM++ 2M Karras",
        "dpmpp_2m, DPM++ 2M",
        "dpmpp_3m_sde_exponential, DPM++ 3M SDE Exponential",
        "DPM++ 2M SDE Karras, DPM++ 2M SDE Karras",
        "uni_pc, UniPC",
        "DPM++ 2M align-your-steps, DPM++ 2M Align Your Steps",
        "euler ays sdxl, Euler Align Your Steps XL",
        "plms, PLMS",
        "DPM++ 2M SDE Heun Karras, DPM++ 2M SDE Heun Karras",
        "dpmpp_3m_k, DPM++ 3M Karras",
        "dpmpp_2m_sde_gpu, DPM++ 2M SDE",
        "euler_k, Euler Karras",
        "uni_pc_bh2, UniPC",
        "DPM-Solver++, DPM++ 2M",
        "DPM-Solver, DPM-Solver 2M",
    })
    void titlesWhatFrontEndsTitle(String name, String title) {
        assertThat(Schedulers.title(name)).isEqualTo(title);
        assertThat(Schedulers.title(Schedulers.title(name))).isEqualTo(title);
    }

    @Test
    void aSuffixSpacesLevelsWhateverTheFileSays() {
        assertThat(spacingOf("euler", "")).isEmpty();
        for (String word : Schedulers.spacings()) {
            assertThat(spacingOf("euler " + word, "\"use_karras_sigmas\": true"))
                    .isPresent();
        }
        assertThat(spacingOf("euler beta", "\"use_karras_sigmas\": true"))
                .contains(new BoundedSpacing(new BetaSpacing(), OptionalDouble.empty(), OptionalDouble.empty()));
    }

    private static Optional<SigmaSpacing> spacingOf(String name, String keys) {
        return levels(Schedulers.named(name, Runs.config(keys))).sigmas();
    }

    private static TrainedLevels levels(Scheduler euler) {
        return (TrainedLevels) ((EulerScheduler) euler).levels();
    }

    @Test
    void everyMethodThatSpacesLevelsTakesEverySpacing() {
        assertThat(Schedulers.names().stream().filter(name -> name.endsWith(" karras")))
                .isNotEmpty()
                .allSatisfy(karras -> Schedulers.spacings().forEach(word -> {
                    String name = karras.replace("karras", word);
                    Plan plan = Schedulers.named(name, Runs.stableDiffusion()).plan(10);
                    assertThat(plan.level(0).ratio()).as(name).isGreaterThan(10);
                    assertThat(plan.stage(0).to().ratio())
                            .as(name)
                            .isLessThan(plan.level(0).ratio());
                }));
    }

    @Test
    void resolvesEveryClassThatRunsAreRecordedOf() {
        assertThat(ReferenceCase.classes())
                .isNotEmpty()
                .allSatisfy(
                        className -> assertThat(Schedulers.from(Runs.config("\"_class_name\": \"" + className + "\""))
                                        .plan(10)
                                        .steps())
                                .isPositive());
    }

    @Test
    void anotherMethodTakesFromTheFileOnlyWhatItSays() {
        TrainedLevels euler = levels(Schedulers.named("euler", Runs.stableDiffusion()));
        assertThat(euler.timetable().spacing()).isEqualTo(TimestepSpacing.LINSPACE);
        assertThat(euler.timetable().stepsOffset()).isEqualTo(1);
        TrainedLevels leading =
                levels(Schedulers.named("euler", Runs.stableDiffusion("\"timestep_spacing\": \"leading\"")));
        assertThat(leading.timetable().spacing()).isEqualTo(TimestepSpacing.LEADING);
    }

    @Test
    void ddimClipsUnlessTheFileSaysOtherwise() {
        assertThat(Schedulers.named("ddim", Runs.config(""))).isInstanceOf(ClippedScheduler.class);
        assertThat(Schedulers.named("ddim", Runs.config("")).withEta(0.5)).isInstanceOf(ClippedScheduler.class);
        assertThat(Schedulers.named("ddim", Runs.stableDiffusion())).isInstanceOf(DdimScheduler.class);
    }

    @Test
    void anUnknownNameIsToldTheNearest() {
        assertThatThrownBy(() -> Schedulers.named("eular", Runs.stableDiffusion()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scheduler is \"eular\"; the nearest names are euler, ");
        assertThatThrownBy(() -> Schedulers.title("Euler karas"))
                .hasMessageContaining("the nearest names are euler karras, euler ");
        assertThatThrownBy(() -> Schedulers.title("euler".repeat(1000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @Test
    void aSpacingIsRefusedWhereTheMethodHasNone() {
        assertThatThrownBy(() -> Schedulers.named("ddim karras", Runs.stableDiffusion()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scheduler is \"ddim karras\"; ddim visits trained timesteps and takes no"
                        + " spacing; expected one of euler, euler a, ")
                .hasMessageEndingWith(" before karras");
        assertThatThrownBy(() -> Schedulers.from(Runs.stableDiffusion("\"sigma_spacing\": \"beta\"")))
                .hasMessage(FILE + "sigma_spacing is \"beta\"; expected none, because PNDMScheduler visits trained"
                        + " timesteps");
    }

    @Test
    void aUserSetsWhatTheFileDoesNot() {
        SchedulerConfig config = Runs.stableDiffusion()
                .withSetting("solver_order", "3")
                .withSetting("algorithm_type", "sde-dpmsolver++")
                .withSetting("use_karras_sigmas", "true");
        DpmSolverMultistep made = (DpmSolverMultistep) Schedulers.named("dpm++2m", config);
        assertThat(made.order()).isEqualTo(3);
        assertThat(made.algorithm()).isEqualTo(DpmAlgorithm.SDE_DPM_SOLVER_PLUS_PLUS);
        assertThat(((SolverLevels) made.levels()).sigmas()).isPresent();
        assertThat(config.settings())
                .containsExactly(
                        entry("solver_order", "3"),
                        entry("algorithm_type", "sde-dpmsolver++"),
                        entry("use_karras_sigmas", "true"));
        UniPcMultistep list = (UniPcMultistep)
                Schedulers.named("unipc", Runs.stableDiffusion().withSetting("disable_corrector", "[0, 1]"));
        assertThat(list.disableCorrector()).containsExactlyInAnyOrder(0, 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    solver_ordr | 3 | there is no setting of schedulers called "solver_ordr"; the nearest are solver_order, solver_type, order
                    solver_order | three | the scheduler's settings: solver_order is "three"; expected a whole number, 0 or more
                    solver_order | 4 | scheduler/scheduler_config.json with the scheduler's settings: solver_order is 4; expected 1 to 3
                    disable_corrector | [0 | the setting disable_corrector is [0; expected a list such as [0, 1]
                    solver_order | [2] | the scheduler's settings: solver_order is [2]; expected a whole number, 0 or more
                    solver_order | true | the scheduler's settings: solver_order is true; expected a whole number, 0 or more
                    solver_order | NaN | the scheduler's settings: solver_order is "NaN"; expected a whole number, 0 or more
                    timestep_spacing | odd | the scheduler's settings: timestep_spacing is "odd"; expected one of leading, linspace, trailing
                    timestep_spacing | 3 | the scheduler's settings: timestep_spacing is 3; expected a string
                    """)
    void refusesSettingsThatMakeNoSense(String key, String value, String message) {
        assertThatThrownBy(
                        () -> Schedulers.named("unipc", Runs.stableDiffusion().withSetting(key, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    tcd | eta | 0 | 0.0
                    dpm2 a | eta | 0.5 | 0.5
                    lcm | strength | 0.4 | 0.4
                    lms | order | 2 | 2
                    """)
    void aUserSetsWhateverAMethodReads(String method, String key, String value, String shown) {
        SchedulerConfig config = Runs.stableDiffusion().withSetting(key, value);
        assertThat(Schedulers.named(method, config).toString()).contains(key + "=" + shown);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    euler | solver_order | banana | solver_order has no effect on euler; it is read by dpm++2m, dpm solver 2m, dpm++2s, deis, unipc
                    dpm++3m | solver_order | 2 | solver_order has no effect on dpm++3m; it is read by dpm++2m, dpm solver 2m, dpm++2s, deis, unipc
                    ddim | use_karras_sigmas | false | use_karras_sigmas has no effect on ddim; it is read by euler, dpm++2m
                    euler | sigma_min | 0.1 | sigma_min has no effect on euler; it is read by euler karras, euler a karras
                    dpm++2m | sample_max_value | 2 | sample_max_value has no effect on dpm++2m beside the other settings
                    euler karras | use_beta_sigmas | true | use_beta_sigmas is true; expected none, as the scheduler's name says karras
                    dpm++2m beta | sigma_spacing | exponential | sigma_spacing is exponential; expected none, as the scheduler's name says beta
                    """)
    void aUsersSettingThatPlaysNoPartIsRefused(String method, String key, String value, String message) {
        SchedulerConfig config = Runs.stableDiffusion().withSetting(key, value);
        assertThatThrownBy(() -> Schedulers.named(method, config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the scheduler's settings: " + message);
    }

    @ParameterizedTest
    @CsvSource({
        "ddim, solver_order, false",
        "dpm++2m, solver_order, true",
        "dpm++2m karras, solver_order, true",
        "dpm++2m, sigma_spacing, true",
        "dpm++2m karras, sigma_spacing, false",
        "ddim, prediction_type, true",
        "edm euler, solver_order, false",
    })
    void tellsWhetherAMethodReadsASetting(String method, String key, boolean reads) {
        SchedulerConfig config = Runs.stableDiffusion()
                .withSetting("solver_order", "3")
                .withSetting("prediction_type", "v_prediction")
                .withSetting("sigma_spacing", "exponential");
        assertThat(Schedulers.reads(method, key, config)).isEqualTo(reads);
    }

    @ParameterizedTest
    @CsvSource({
        "DDIMScheduler, use_karras_sigmas, DDIM",
        "PNDMScheduler, use_karras_sigmas, PLMS",
        "EulerAncestralDiscreteScheduler, use_karras_sigmas, Euler a",
        "EulerDiscreteScheduler, use_karras_sigmas, Euler Karras",
        "DPMSolverMultistepScheduler, use_beta_sigmas, DPM++ 2M Beta",
    })
    void titlesNoSpacingThatTheFilesMethodIgnores(String className, String flag, String title) {
        SchedulerConfig config = Runs.config("\"_class_name\": \"" + className + "\", \"" + flag + "\": true");
        assertThat(Schedulers.title(config)).isEqualTo(title);
    }

    @Test
    void titlesTheSpacingThatAnAncestralMethodIsSetTo() {
        SchedulerConfig config = Runs.config("\"_class_name\": \"EulerAncestralDiscreteScheduler\"")
                .withSetting("sigma_spacing", "beta");
        assertThat(Schedulers.title(config)).isEqualTo("Euler a Beta");
    }

    @Test
    void titlesFreshNoiseOnlyWhereTheMethodMayHaveIt() {
        String sde = "\"algorithm_type\": \"sde-dpmsolver++\", \"_class_name\": ";
        assertThat(Schedulers.title(Runs.config(sde + "\"DPMSolverMultistepScheduler\"")))
                .isEqualTo("DPM++ 2M SDE");
        assertThat(Schedulers.title(Runs.config(sde + "\"EulerDiscreteScheduler\"")))
                .isEqualTo("Euler");
    }

    @Test
    void allSettingsThatPlayNoPartAreNamed() {
        SchedulerConfig config =
                Runs.stableDiffusion().withSetting("solver_order", "3").withSetting("eta", "0.5");
        assertThatThrownBy(() -> Schedulers.from(config))
                .hasMessageContaining("solver_order has no effect on pndm")
                .hasMessageContaining("; eta has no effect on pndm");
    }

    @Test
    void whatAFileHasForAnotherMethodStays() {
        assertThat(Schedulers.named("euler", Runs.stableDiffusion("\"solver_order\": \"banana\"")))
                .isInstanceOf(EulerScheduler.class);
    }

    @Test
    void aSetSpacingIsRefusedWhereTheMethodHasNone() {
        SchedulerConfig config = Runs.stableDiffusion().withSetting("use_karras_sigmas", "true");
        assertThatThrownBy(() -> Schedulers.named("ddim", config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the scheduler's settings: use_karras_sigmas is true; expected none, because ddim visits"
                        + " trained timesteps");
        assertThatThrownBy(() -> Schedulers.from(config)).hasMessageContaining("because PNDMScheduler visits");
        assertThat(Schedulers.named("ddim", Runs.stableDiffusion("\"use_karras_sigmas\": true")))
                .as("what a file has left over from another method")
                .isInstanceOf(DdimScheduler.class);
    }

    @Test
    void refusesUnknownClasses() {
        assertThatThrownBy(() -> Schedulers.from(Runs.config("\"_class_name\": \"FooScheduler\"")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(FILE + "_class_name is \"FooScheduler\"; expected one of DDIMScheduler, ");
        assertThatThrownBy(() -> Schedulers.from(Runs.config("")))
                .hasMessageStartingWith(FILE + "_class_name is missing; expected one of ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "beta_schedule": "foo" | beta_schedule is "foo"; expected one of linear, scaled_linear, squaredcos_cap_v2, sigmoid
                    "prediction_type": "flow" | prediction_type is "flow"; expected one of epsilon, v_prediction, sample, flow_prediction
                    "num_train_timesteps": 1.5 | num_train_timesteps is 1.5; expected a whole number, 0 or more
                    "num_train_timesteps": 2000000000 | num_train_timesteps is 2000000000; expected 1 to 1000000
                    "beta_start": -1 | beta at timestep 0 is -1.0; expected above 0 and below 1
                    "beta_start": "low" | beta_start is "low"; expected a number
                    "beta_schedule": 3 | beta_schedule is 3; expected a string
                    "trained_betas": 3 | trained_betas is 3; expected a list
                    "trained_betas": [0.1] | trained_betas is a list of 1; expected num_train_timesteps, 1000
                    """)
    void refusesWhatNoMethodUnderstands(String key, String message) {
        assertThatThrownBy(() -> Runs.config(key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(FILE + message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ddim | "timestep_spacing": "odd" | timestep_spacing is "odd"; expected one of leading, linspace, trailing
                    ddim | "clip_sample": 1 | clip_sample is 1; expected true or false
                    dpm++2m | "solver_type": "odd" | solver_type is "odd"; expected one of midpoint, heun, bh1, bh2, logrho
                    dpm++2m | "algorithm_type": "odd" | algorithm_type is "odd"; expected one of dpmsolver++, deis, dpmsolver, sde-dpmsolver, sde-dpmsolver++
                    euler | "interpolation_type": "cubic" | interpolation_type is "cubic"; expected one of linear, log_linear
                    euler | "timestep_type": "odd" | timestep_type is "odd"; expected one of discrete, continuous
                    euler | "s_churn": -1 | s_churn is -1.0; expected 0 or more
                    euler | "final_sigmas_type": "one" | final_sigmas_type is "one"; expected one of zero, sigma_min
                    """)
    void refusesWhatAMethodLacks(String name, String key, String message) {
        SchedulerConfig config = Runs.config(key);
        assertThatThrownBy(() -> Schedulers.named(name, config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(FILE + message);
    }

    @Test
    void refusesNoisePredictionWhereThereIsNoSignal() {
        String keys = "\"rescale_betas_zero_snr\": true, \"timestep_spacing\": \"trailing\"";
        assertThatThrownBy(() -> Schedulers.named("ddim", Runs.config(keys)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(FILE + "prediction_type is \"epsilon\" and rescale_betas_zero_snr true, so the first step"
                        + " would divide by no signal; expected one of v_prediction, sample");
    }

    @Test
    void readsInfinityAsTheReferenceWritesIt() {
        assertThat(Schedulers.named("dpm++2m", Runs.stableDiffusion("\"lambda_min_clipped\": -Infinity")))
                .isInstanceOf(DpmSolverMultistep.class);
    }

    @Test
    void etaIsForMethodsWithFreshNoise() {
        for (SamplingMethod method : Schedulers.methods()) {
            Scheduler scheduler = Schedulers.named(method.name(), Runs.stableDiffusion());
            if (method.names().stream().anyMatch(name -> name.matches(".* (a|sde|sde heun)|ddim|tcd"))) {
                assertThat(scheduler.withEta(0.25).toString()).contains("eta=0.25");
            }
        }
        Scheduler euler = Schedulers.named("euler", Runs.stableDiffusion());
        assertThatThrownBy(() -> euler.withEta(0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eta is 0.5; the method adds no fresh noise");
    }

    @Test
    void refusesMethodsForAnotherProcess() {
        assertThatThrownBy(() -> Schedulers.named("ddim", Runs.config("\"prediction_type\": \"flow_prediction\"")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(FILE + "prediction_type is flow_prediction; expected one other than"
                        + " flow_prediction for ddim: the network was trained on another process; methods for it are"
                        + " euler, euler a, ");
        assertThatThrownBy(() -> Schedulers.named("ddim", Runs.config("\"_class_name\": \"EDMEulerScheduler\"")))
                .hasMessageStartingWith(FILE + "_class_name is \"EDMEulerScheduler\"; expected one that does not begin"
                        + " with EDM for ddim: the network was trained on another process; methods for it are euler, ");
        assertThatThrownBy(() -> Schedulers.from(
                        Runs.config("\"_class_name\": \"DDIMScheduler\", \"prediction_type\": \"flow_prediction\"")))
                .hasMessageContaining("expected one other than flow_prediction for ddim");
        assertThatThrownBy(() -> Runs.config("\"use_flow_sigmas\": true"))
                .hasMessage(FILE + "use_flow_sigmas is true; expected false");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"thresholding\": true",
                "\"clip_sample\": true",
                "\"clip_sample\": false",
                "\"use_karras_sigmas\": true",
                "\"sigma_spacing\": \"beta\"",
                "\"trained_betas\": [0.1, 0.2], \"num_train_timesteps\": 2",
                "\"beta_schedule\": \"squaredcos_cap_v2\"",
                "\"final_sigmas_type\": \"sigma_min\"",
                "\"sigma_schedule\": \"exponential\"",
                "\"use_dynamic_shifting\": true, \"prediction_type\": \"flow_prediction\"",
                "\"stochastic_sampling\": true, \"prediction_type\": \"flow_prediction\"",
                "\"flow_shift\": 3, \"prediction_type\": \"flow_prediction\"",
                "\"_class_name\": \"EDMEulerScheduler\""
            })
    void everyMethodReadsNoMoreThanItDeclares(String keys) {
        SchedulerConfig config = Runs.config(keys);
        for (String name : Schedulers.names()) {
            try {
                assertThat(Schedulers.named(name, config)).isNotNull();
            } catch (IllegalArgumentException e) { // not one for a key that is not declared
                assertThat(e).hasMessageStartingWith(FILE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("processes")
    void everyMethodForAProcessFindsTheOneImageThereIs(String name, SchedulerConfig config) {
        Scheduler scheduler = Schedulers.named(name, config);
        Plan plan = scheduler.plan(12);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-2, -0.5f, 0, 1, 2});
            Denoiser oneImage = (x, at) -> {
                NDArray x0 = x.zerosLike().add(0.7);
                return new Prediction(x0, x.sub(x0.mul(at.alpha())).div(at.sigma()));
            };
            NoiseLevel first = plan.level(0);
            NDArray x = first.mix(start.zerosLike().add(0.7), start);
            NDArray end = Runs.run(scheduler, plan, x, oneImage, Runs.noise(1));
            NoiseLevel last = plan.level(plan.steps());
            assertThat(end.sub(last.alpha() * 0.7).abs().max().getFloat())
                    .isLessThan((float) (3e-3 + 6 * last.sigma()));
        }
    }

    static Stream<Arguments> processes() {
        List<SchedulerConfig> models = List.of(
                Runs.config("\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 3"),
                Runs.config("\"_class_name\": \"EDMEulerScheduler\", \"sigma_min\": 0.01, \"sigma_max\": 20"));
        return models.stream()
                .flatMap(config -> Schedulers.methods().stream()
                        .filter(method -> method.processes().contains(config.kind()))
                        .map(method -> Arguments.of(method.name(), config)));
    }

    @Test
    void refusesZeroTerminalSnrOfASingleTimestep() {
        for (String className : List.of("DDIMScheduler", "DPMSolverMultistepScheduler", "EulerDiscreteScheduler")) {
            SchedulerConfig config = Runs.config("\"_class_name\": \"" + className
                    + "\", \"num_train_timesteps\": 1, \"rescale_betas_zero_snr\": true");
            assertThatThrownBy(() -> Schedulers.from(config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("scheduler/scheduler_config.json: num_train_timesteps is 1; expected 2 or more, because"
                            + " rescale_betas_zero_snr is true");
        }
    }

    @Test
    void everyErrorNamesTheFile() {
        assertThatThrownBy(
                        () -> Schedulers.from(Runs.config("\"_class_name\": \"LMSDiscreteScheduler\", \"order\": 9")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scheduler/scheduler_config.json: order is 9; ");
        assertThatThrownBy(() -> Schedulers.from(Runs.config("\"_class_name\": \"DDIMScheduler\", \"eta\": 2")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scheduler/scheduler_config.json: eta is 2.0; ");
    }
}
