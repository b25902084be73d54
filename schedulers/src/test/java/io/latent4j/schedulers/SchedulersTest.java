package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                .containsExactly(
                        "ddim",
                        "pndm",
                        "euler",
                        "euler karras",
                        "euler a",
                        "dpm++2m",
                        "dpm++2m karras",
                        "dpm++2s",
                        "dpm++2s karras",
                        "dpm++2m sde",
                        "dpm++2m sde karras",
                        "dpm++3m sde",
                        "dpm++3m sde karras",
                        "deis",
                        "deis karras",
                        "unipc",
                        "unipc karras")
                .allSatisfy(name -> assertThat(
                                Schedulers.named(name, Runs.stableDiffusion()).plan(20))
                        .isNotNull());
    }

    @Test
    void aSuffixTurnsKarrasSpacingOn() {
        assertThat(((EulerScheduler) Schedulers.named("euler", Runs.stableDiffusion())).sigmas())
                .isEmpty();
        assertThat(((EulerScheduler) Schedulers.named("euler karras", Runs.stableDiffusion())).sigmas())
                .isPresent();
        assertThat(((DpmSolverMultistep) Schedulers.named("DPMSolverMultistepScheduler Karras", Runs.stableDiffusion()))
                        .levels()
                        .sigmas())
                .isPresent();
    }

    @Test
    void anotherMethodTakesFromTheFileOnlyWhatItSays() {
        EulerScheduler euler = (EulerScheduler) Schedulers.named("euler", Runs.stableDiffusion());
        assertThat(euler.timetable().spacing()).isEqualTo(TimestepSpacing.LINSPACE);
        assertThat(euler.timetable().stepsOffset()).isEqualTo(1);
        EulerScheduler leading =
                (EulerScheduler) Schedulers.named("euler", Runs.stableDiffusion("\"timestep_spacing\": \"leading\""));
        assertThat(leading.timetable().spacing()).isEqualTo(TimestepSpacing.LEADING);
    }

    @Test
    void ddimClipsUnlessTheFileSaysOtherwise() {
        assertThat(Schedulers.named("ddim", Runs.config(""))).isInstanceOf(ClippedScheduler.class);
        assertThat(Schedulers.named("ddim", Runs.config("")).withEta(0.5)).isInstanceOf(ClippedScheduler.class);
        assertThat(Schedulers.named("ddim", Runs.stableDiffusion())).isInstanceOf(DdimScheduler.class);
    }

    @Test
    void refusesUnknownNames() {
        assertThatThrownBy(() -> Schedulers.named("heunn", Runs.stableDiffusion()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scheduler is \"heunn\"; expected one of ddim, pndm, euler, euler a, dpm++2m,"
                        + " dpm++2s, dpm++2m sde, dpm++3m sde, deis, unipc,"
                        + " with \" karras\" after euler or dpm++2m"
                        + " or dpm++2s or dpm++2m sde or dpm++3m sde or deis or unipc");
        assertThatThrownBy(() -> Schedulers.named("ddim karras", Runs.stableDiffusion()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scheduler is \"ddim karras\"; ddim has no Karras spacing");
    }

    @Test
    void refusesUnknownClasses() {
        assertThatThrownBy(() -> Schedulers.from(Runs.config("\"_class_name\": \"FooScheduler\"")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(FILE + "_class_name is \"FooScheduler\"; expected one of DDIMScheduler, PNDMScheduler,"
                        + " EulerDiscreteScheduler, EulerAncestralDiscreteScheduler, DPMSolverMultistepScheduler,"
                        + " DPMSolverSinglestepScheduler, DEISMultistepScheduler, UniPCMultistepScheduler");
        assertThatThrownBy(() -> Schedulers.from(Runs.config("")))
                .hasMessageStartingWith(FILE + "_class_name is missing; expected one of ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "beta_schedule": "foo" | beta_schedule is "foo"; expected one of linear, scaled_linear, squaredcos_cap_v2
                    "prediction_type": "flow" | prediction_type is "flow"; expected one of epsilon, v_prediction, sample
                    "num_train_timesteps": 1.5 | num_train_timesteps is 1.5; expected a whole number, 0 or more
                    "num_train_timesteps": 2000000000 | num_train_timesteps is 2000000000; expected 1 to 1000000
                    "beta_start": -1 | beta at timestep 0 is -1.0; expected above 0 and below 1
                    "beta_start": "low" | beta_start is "low"; expected a number
                    "beta_schedule": 3 | beta_schedule is 3; expected a string
                    "trained_betas": 3 | trained_betas is 3; expected a list of numbers
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
                    euler | "interpolation_type": "log_linear" | interpolation_type is "log_linear"; expected one of linear
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
    void onlyDdimHasEta() {
        Scheduler euler = Schedulers.named("euler", Runs.stableDiffusion());
        assertThat(euler.withEta(0)).isSameAs(euler);
        assertThatThrownBy(() -> euler.withEta(0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eta is 0.5; only ddim has it");
    }
}
