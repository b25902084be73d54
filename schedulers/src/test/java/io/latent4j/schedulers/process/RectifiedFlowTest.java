package io.latent4j.schedulers.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import org.junit.jupiter.api.Test;

class RectifiedFlowTest {
    private final RectifiedFlow flow = new RectifiedFlow(1000);

    @Test
    void tellsItsSigmaInTimestepsAndBack() {
        assertThat(flow.ofSigma(0.25)).isEqualTo(NoiseLevel.ofFlow(250, 0.25));
        assertThat(flow.level(250)).isEqualTo(flow.ofSigma(0.25));
        assertThat(flow.sigma(flow.ofRatio(3))).isEqualTo(0.75);
        assertThat(flow.ofRatio(Double.POSITIVE_INFINITY)).isEqualTo(NoiseLevel.ofFlow(1000, 1));
        assertThat(flow.ofSigma(0)).isEqualTo(NoiseLevel.CLEAN).isEqualTo(flow.level(0));
    }

    @Test
    void theMiddleIsHalfwayInLambdaWhereThatIsFinite() {
        NoiseLevel from = flow.ofSigma(0.8);
        NoiseLevel to = flow.ofSigma(0.2);
        assertThat(flow.middle(from, to).lambda()).isCloseTo((from.lambda() + to.lambda()) / 2, within(1e-12));
        assertThat(flow.middle(flow.ofSigma(1), to).sigma()).isCloseTo(0.6, within(1e-12));
        assertThat(flow.middle(to, NoiseLevel.CLEAN).sigma()).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void anAncestralStepKeepsTheAmountOfNoise() {
        NoiseLevel from = flow.ofSigma(0.8);
        NoiseLevel to = flow.ofSigma(0.5);
        NoiseLevel down = flow.down(from, to, 1);
        assertThat(down.alpha() + down.sigma()).isCloseTo(1, within(1e-12));
        double kept = to.alpha() / down.alpha() * down.sigma();
        assertThat(Math.hypot(kept, NoiseProcess.added(down, to))).isCloseTo(0.5, within(1e-12));
        assertThat(flow.down(from, to, 0)).isEqualTo(to);
        assertThat(flow.down(flow.ofSigma(1), to, 1).sigma())
                .as("noise alone tells nothing of it")
                .isZero();
    }

    @Test
    void theWayFromNoiseToAnImageIsAStraightLine() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Prediction p = new Prediction(manager.create(new double[] {1, -2}), manager.create(new double[] {3, 4}));
            NoiseLevel from = flow.ofSigma(1);
            for (NoiseLevel to : new NoiseLevel[] {flow.ofSigma(0.3), NoiseLevel.CLEAN}) {
                NDArray end = flow.along(p.at(from), flow.slope(p), from, to);
                assertThat(end.toDoubleArray()).containsExactly(p.at(to).toDoubleArray(), within(1e-12));
                assertThat(NoiseProcess.towardsData(p.at(from), p.x0(), from, to)
                                .toDoubleArray())
                        .containsExactly(p.at(to).toDoubleArray(), within(1e-12));
            }
        }
    }

    @Test
    void velocityIsReadInTheFlowsOwnCoordinates() {
        NoiseLevel at = flow.ofSigma(0.25);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x0 = manager.create(new double[] {-1, 0.5, 2});
            NDArray eps = manager.create(new double[] {0.3, -0.2, 1});
            NDArray output = PredictionType.FLOW.output(new Prediction(x0, eps), at);
            Prediction read = flow.read(PredictionType.FLOW, output, at.mix(x0, eps), at);
            assertThat(read.x0().sub(x0).abs().max().getDouble()).isLessThan(1e-12);
            assertThat(read.eps().sub(eps).abs().max().getDouble()).isLessThan(1e-12);
        }
    }

    @Test
    void hasATimestepAtLeast() {
        assertThatThrownBy(() -> new RectifiedFlow(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the flow has 0 timesteps; expected at least 1");
    }
}
