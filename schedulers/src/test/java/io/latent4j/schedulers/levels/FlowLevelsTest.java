package io.latent4j.schedulers.levels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.RectifiedFlow;
import io.latent4j.schedulers.samplers.EulerScheduler;
import io.latent4j.schedulers.samplers.Runs;
import io.latent4j.schedulers.spacing.FlowShift;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowLevelsTest {
    private static final String FILE = "scheduler/scheduler_config.json: ";
    private final FlowLevels plain = new FlowLevels(new RectifiedFlow(1000), new FlowShift.Fixed(1));

    @Test
    void goesFromNoiseAloneToNoNoise() {
        Plan plan = plain.plan(Steps.of(4), LatentSize.UNTOLD);
        assertThat(plan.initialScale()).isEqualTo(1);
        assertThat(plan.level(0)).isEqualTo(new NoiseLevel(1000, 0, 1));
        assertThat(plan.level(3).timestep()).isCloseTo(1, within(1e-4));
        assertThat(plan.level(4)).isEqualTo(NoiseLevel.CLEAN);
    }

    @Test
    void aFileThatNamesItsMethodNeedsNoPredictionType() {
        SchedulerConfig config = flow("\"shift\": 3.0");
        assertThat(config.predictionType()).isEqualTo(PredictionType.FLOW);
        assertThat(config.process()).isEqualTo(new RectifiedFlow(1000));
        FlowLevels levels = new FlowLevels(new RectifiedFlow(1000), new FlowShift.Fixed(3));
        assertThat(Schedulers.from(config)).isEqualTo(new EulerScheduler(levels));
        assertThat(Schedulers.named("euler", config)).isEqualTo(new EulerScheduler(levels));
    }

    /** What the reference visits at 1024 × 1024 and at 512 × 512 pixels, shifted by e^1.15 and e^0.63. */
    @ParameterizedTest
    @CsvSource({"128, 1.15, 0.7595109", "64, 0.63, 0.6524895"})
    void largerImagesAreMovedFurtherTowardsNoise(int side, double mu, double middle) {
        Scheduler euler = Schedulers.from(flow("\"use_dynamic_shifting\": true"));
        LatentSize size = new LatentSize(side, side);
        assertThat(0.5 + (1.15 - 0.5) / (4096 - 256) * (size.tokens() - 256)).isCloseTo(mu, within(1e-9));
        assertThat(euler.plan(Steps.atSigmas(List.of(1.0, 0.5, 0.0)), size)
                        .level(1)
                        .sigma())
                .isCloseTo(middle, within(1e-6));
    }

    /** What the reference implementation's pipelines of FLUX.1 and Z-Image list as sigmas. */
    @Test
    void stepsMayBeOfOneLength() {
        Scheduler euler = Schedulers.from(flow("\"shift\": 3.0, \"flow_equal_steps\": true"));
        Plan plan = euler.plan(Steps.of(4));
        Plan listed = euler.plan(Steps.atSigmas(List.of(1.0, 0.75, 0.5, 0.25, 0.0)));
        for (int i = 0; i <= 4; i++) {
            assertThat(plan.level(i)).isEqualTo(listed.level(i));
        }
        assertThat(plan.level(3).sigma()).isCloseTo(0.5, within(1e-7));
    }

    /** The shift's logarithm as the reference has it for FLUX.2, by tokens and steps. */
    @ParameterizedTest
    @CsvSource({"6, 6, 4, 1.9469122652638653", "4, 7, 6, 1.9310826024917729", "70, 70, 50, 1.28608966"})
    void theShiftMayDependOnTheNumberOfSteps(int height, int width, int steps, double mu) {
        double factor = new FlowShift.BySizeAndSteps().factor(new LatentSize(height, width), steps);
        assertThat(Math.log(factor)).isCloseTo(mu, within(1e-8));
        Scheduler euler = Schedulers.from(flow("\"use_dynamic_shifting\": true, \"flow_shift_by_steps\": true"));
        double half = euler.plan(Steps.atSigmas(List.of(1.0, 0.5, 0.0)), new LatentSize(height, width))
                .level(1)
                .sigma();
        double ofTwo = new FlowShift.BySizeAndSteps().factor(new LatentSize(height, width), 2);
        assertThat(half).isCloseTo(ofTwo / (1 + ofTwo), within(1e-6));
    }

    @Test
    void theShiftMayBeTheNumberItself() {
        Scheduler euler = Schedulers.from(flow("\"use_dynamic_shifting\": true, \"time_shift_type\": \"linear\", "
                + "\"base_shift\": 1.8, \"max_shift\": 1.8"));
        Plan plan = euler.plan(Steps.atSigmas(List.of(1.0, 0.875, 0.75, 0.0)));
        assertThat(plan.level(1).sigma()).isCloseTo(0.926470578, within(1e-7));
        assertThat(plan.level(2).timestep()).isCloseTo(843.75, within(1e-3));
    }

    @Test
    void aSizeThatMattersMustBeTold() {
        Scheduler euler = Schedulers.from(flow("\"use_dynamic_shifting\": true"));
        assertThatThrownBy(() -> euler.plan(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the levels of this model's runs depend on the size of the latents, which is not known;"
                        + " expected it to be planned with one");
        assertThat(Schedulers.from(flow("")).plan(4).steps()).isEqualTo(4);
    }

    @Test
    void listsAreMovedTooAsInTheReference() {
        Scheduler euler = Schedulers.from(flow("\"shift\": 3"));
        Plan listed = euler.plan(Steps.atTimesteps(List.of(900.0, 400.0, 90.0)));
        assertThat(listed.level(0).timestep()).isCloseTo(964.285645, within(1e-3));
        assertThat(listed.level(2).timestep()).isCloseTo(228.813553, within(1e-3));
        assertThat(listed.level(3)).isEqualTo(NoiseLevel.CLEAN);
        assertThat(euler.plan(Steps.atSigmas(List.of(1.0, 0.5, 0.2))).level(2).sigma())
                .isCloseTo(0.428571463, within(1e-7));
    }

    @Test
    void stretchesToWhereTheLastStepIsToBegin() {
        Plan plan =
                Schedulers.from(flow("\"shift\": 3, \"shift_terminal\": 0.02")).plan(10);
        assertThat(plan.level(1).sigma()).isCloseTo(0.960574687, within(1e-7));
        assertThat(plan.level(9).sigma()).isCloseTo(0.02, within(1e-8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"euler karras", "euler exponential", "euler beta"})
    void spacesAnewBetweenTheEnds(String name) {
        Plan even = Schedulers.named("euler", flow("\"shift\": 3")).plan(10);
        Plan spaced = Schedulers.named(name, flow("\"shift\": 3")).plan(10);
        assertThat(spaced.level(0)).isEqualTo(even.level(0));
        assertThat(spaced.level(9).sigma()).isCloseTo(even.level(9).sigma(), within(1e-8));
        assertThat(spaced.level(5).sigma()).isNotEqualTo(even.level(5).sigma());
    }

    @Test
    void solversBeginWithATraceOfDataAndTellWholeTimesteps() {
        SchedulerConfig config = flow("\"shift\": 3");
        Plan dpm = Schedulers.named("dpm++2m", config).plan(8);
        assertThat(dpm.level(0).sigma()).isCloseTo(0.999666452, within(1e-8));
        assertThat(dpm.level(1).timestep()).isEqualTo(954);
        Plan unipc = Schedulers.named("unipc", config).plan(8);
        assertThat(unipc.level(0).sigma()).isCloseTo(0.999998987, within(1e-8));
        assertThat(unipc.level(7).timestep()).isEqualTo(301);
        Plan karras = Schedulers.named("unipc karras", config).plan(8);
        assertThat(karras.level(0).sigma()).isCloseTo(0.993687153, within(1e-7));
        assertThat(karras.level(7).timestep()).isEqualTo(9);
        assertThat(Schedulers.named("deis", config).plan(9).level(9).sigma()).isCloseTo(0.272504091, within(1e-8));
    }

    @Test
    void refusesWhatAFlowCannotVisit() {
        Scheduler euler = Schedulers.from(flow(""));
        assertThatThrownBy(() -> euler.plan(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is 0; expected 1 to 1000, the timesteps the model was trained on");
        assertThatThrownBy(() -> euler.plan(Steps.atSigmas(List.of(14.6, 1.0, 0.0))))
                .hasMessage(
                        "the list of sigmas begins with 14.6; expected at most 1.0, which is noise alone in a flow");
        assertThatThrownBy(() -> euler.plan(Steps.atTimesteps(List.of(1001.0))))
                .hasMessage("the list of timesteps begins with 1001.0; expected at most 1000.0, which is noise alone in"
                        + " a flow");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    euler | "invert_sigmas": true | invert_sigmas is true; expected false
                    euler | "shift_terminal": 1 | shift_terminal is 1.0; expected 0 or more, below 1
                    euler | "shift": 0 | the shift of the flow is 0.0; expected a finite shift above 0
                    euler | "s_churn": 2 | s_churn is 2.0; expected 0, as a flow takes no churned noise
                    euler | "use_dynamic_shifting": true, "time_shift_type": "odd" | time_shift_type is "odd"; expected one of exponential, linear
                    euler | "use_dynamic_shifting": true, "max_image_seq_len": 256 | base_image_seq_len is 256 and max_image_seq_len 256; expected the first below the second
                    euler | "use_lu_lambdas": true | the spacing is lu; expected karras, exponential, polyexponential or beta in a flow
                    """)
    void refusesWhatItLacks(String name, String keys, String message) {
        assertThatThrownBy(() -> Schedulers.named(name, flow(keys)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(FILE + message);
    }

    private static SchedulerConfig flow(String more) {
        return Runs.config(
                "\"_class_name\": \"FlowMatchEulerDiscreteScheduler\"" + (more.isEmpty() ? "" : ", " + more));
    }
}
