package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PredictionTypeTest {
    private static final NoiseLevel LEVEL = new NoiseLevel(500, 0.8, 0.6);

    @ParameterizedTest
    @EnumSource
    void readsBackWhatItWrites(PredictionType type) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Prediction truth = new Prediction(manager.create(new float[] {1, -2}), manager.create(new float[] {3, 4}));
            NDArray output = type.output(truth, LEVEL);
            Prediction read = type.read(output, truth.at(LEVEL), LEVEL);
            assertThat(read.x0().toFloatArray()).containsExactly(new float[] {1, -2}, within(1e-5f));
            assertThat(read.eps().toFloatArray()).containsExactly(new float[] {3, 4}, within(1e-5f));
        }
    }

    @Test
    void velocityIsAlphaEpsMinusSigmaX0() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Prediction truth = new Prediction(manager.create(new float[] {2}), manager.create(new float[] {5}));
            assertThat(PredictionType.V_PREDICTION.output(truth, LEVEL).getFloat(0))
                    .isCloseTo(2.8f, within(1e-5f));
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesTheVarianceFromTheSecondHalfOfTheChannels(PredictionType type) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.ones(new Shape(2, 3, 1, 1));
            NDArray output = manager.arange(6f).reshape(2, 3, 1, 1);
            NDArray variance = output.neg();
            Prediction read = type.read(output.concat(variance, 1), x, LEVEL);
            assertThat(read.variance()).contains(variance);
            assertThat(read.x0()).isEqualTo(type.read(output, x, LEVEL).x0());
            assertThat(read.eps()).isEqualTo(type.read(output, x, LEVEL).eps());
            assertThat(type.read(output, x, LEVEL).variance()).isEmpty();
        }
    }

    @Test
    void refusesToDivideByNoSignal() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(1f);
            assertThatThrownBy(() -> PredictionType.EPSILON.read(x, x, new NoiseLevel(999, 0, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("at timestep 999.0 there is noise only, from which a network with prediction_type"
                            + " \"epsilon\" cannot tell x0; expected \"v_prediction\" or \"sample\"");
        }
    }
}
