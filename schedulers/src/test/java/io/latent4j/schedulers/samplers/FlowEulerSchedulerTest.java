package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.process.FlowSchedule;
import io.latent4j.schedulers.spacing.SigmaSpacing;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowEulerSchedulerTest {
    private static final String FILE = "scheduler/scheduler_config.json: ";
    private final FlowEulerScheduler flow = new FlowEulerScheduler(new FlowSchedule(1000, 1));

    @Test
    void isOfFirstOrder() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            double coarse = Runs.error(flow, flow.plan(evenly(64)), start);
            double fine = Runs.error(flow, flow.plan(evenly(128)), start);
            assertThat(coarse / fine).isCloseTo(2, within(0.1));
        }
    }

    private static Steps evenly(int steps) {
        return Steps.atSigmas(
                SigmaSpacing.ramp(steps + 1).mapToObj(done -> 1 - done).toList());
    }

    @Test
    void goesFromNoiseAloneToNoNoise() {
        Plan plan = flow.plan(4);
        assertThat(plan.initialScale()).isEqualTo(1);
        assertThat(plan.level(0)).isEqualTo(new NoiseLevel(1000, 0, 1));
        assertThat(plan.level(3).timestep()).isCloseTo(1, within(1e-4));
        assertThat(plan.level(4)).isEqualTo(NoiseLevel.CLEAN);
    }

    @Test
    void shiftKeepsTheEndsAndMovesTheMiddleTowardsNoise() {
        FlowSchedule shifted = new FlowSchedule(1000, 3);
        assertThat(shifted.shifted(0)).isZero();
        assertThat(shifted.shifted(1)).isEqualTo(1);
        assertThat(shifted.shifted(0.5)).isEqualTo(0.75);
    }

    @Test
    void velocityIsReadInTheFlowsOwnCoordinates() {
        NoiseLevel at = NoiseLevel.ofFlow(250, 0.25);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = manager.create(new double[] {-1, 0.5, 2});
            NDArray eps = manager.create(new double[] {0.3, -0.2, 1});
            NDArray output = PredictionType.FLOW.output(new Prediction(x0, eps), at);
            Prediction read = PredictionType.FLOW.read(output, at.mix(x0, eps), at);
            assertThat(read.x0().sub(x0).abs().max().getDouble()).isLessThan(1e-12);
            assertThat(read.eps().sub(eps).abs().max().getDouble()).isLessThan(1e-12);
        }
    }

    @Test
    void aFileThatNamesItNeedsNoPredictionType() {
        SchedulerConfig config = Runs.config("\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 3.0");
        assertThat(config.predictionType()).isEqualTo(PredictionType.FLOW);
        assertThat(Schedulers.from(config)).isEqualTo(new FlowEulerScheduler(new FlowSchedule(1000, 3)));
    }

    @Test
    void refusesWhatItLacks() {
        assertThatThrownBy(() -> flow.plan(Steps.atTimesteps(List.of(900.0, 10.0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a flow has no list of timesteps; expected a number of steps or a list of sigmas from 1 to 0");
        assertThatThrownBy(() -> Schedulers.named("euler flow", flowConfig("\"use_dynamic_shifting\": true")))
                .hasMessage(FILE + "use_dynamic_shifting is true; expected false");
        assertThatThrownBy(() -> Schedulers.named("euler flow", flowConfig("\"shift_terminal\": 0.1")))
                .hasMessage(FILE + "shift_terminal is 0.1; expected null");
        assertThatThrownBy(() -> flow.plan(0))
                .hasMessage("steps is 0; expected 1 to 1000, the timesteps the model was trained on");
        assertThatThrownBy(() -> new FlowSchedule(1000, 0))
                .hasMessage(
                        "the flow has 1000 timesteps and shift 0.0; expected at least 1 timestep and a finite shift above 0");
    }

    private static SchedulerConfig flowConfig(String more) {
        return Runs.config("\"prediction_type\": \"flow_prediction\", " + more);
    }
}
