package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.samplers.GaussianData;
import io.latent4j.schedulers.samplers.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EdmPreconditioningTest {
    private static final double SIGMA_DATA = 0.5;

    @ParameterizedTest
    @ValueSource(doubles = {0.002, 0.5, 80})
    void givesTheNetworkUnitVariance(double ratio) {
        NoiseLevel at = NoiseLevel.ofRatio(0, ratio);
        EdmPreconditioning edm = new EdmPreconditioning(SIGMA_DATA, PredictionType.EPSILON);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray like = manager.zeros(new Shape(20_000));
            NDArray x = at.mix(
                    Runs.noise(1).like(like).mul(SIGMA_DATA), Runs.noise(2).like(like));
            assertThat(edm.input(x, at).square().mean().getFloat()).isCloseTo(1, within(0.03f));
        }
    }

    /** On data of N(0, σ_data²) the part that is skipped to is all that can be told, so the network has nothing to add. */
    @ParameterizedTest
    @EnumSource(names = {"EPSILON", "V_PREDICTION"})
    void aSilentNetworkIsTheBestOneForGaussianData(PredictionType type) {
        NoiseLevel at = NoiseLevel.ofRatio(0, 3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new double[] {-1, 0.25, 2});
            Prediction read = new EdmPreconditioning(SIGMA_DATA, type).read(x.zerosLike(), x, at);
            Prediction best = new GaussianData(0, SIGMA_DATA).predict(x, at);
            assertThat(read.x0().toDoubleArray()).containsExactly(best.x0().toDoubleArray(), within(1e-12));
            assertThat(read.eps().toDoubleArray()).containsExactly(best.eps().toDoubleArray(), within(1e-12));
        }
    }

    @Test
    void velocityHasTheOppositeSign() {
        NoiseLevel at = NoiseLevel.ofRatio(0, 3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray x = manager.create(new double[] {-1, 0.25, 2});
            NDArray output = manager.create(new double[] {0.3, -0.4, 1});
            Prediction eps = new EdmPreconditioning(SIGMA_DATA, PredictionType.EPSILON).read(output, x, at);
            Prediction v = new EdmPreconditioning(SIGMA_DATA, PredictionType.V_PREDICTION).read(output.neg(), x, at);
            assertThat(v.x0().toDoubleArray()).isEqualTo(eps.x0().toDoubleArray());
            assertThat(eps.at(at).toDoubleArray()).containsExactly(x.toDoubleArray(), within(1e-12));
        }
    }

    @Test
    void isReadFromTheFilesThatNameIt() {
        assertThat(Runs.config("\"_class_name\": \"EDMEulerScheduler\", \"sigma_data\": 1")
                        .preconditioning())
                .isEqualTo(new EdmPreconditioning(1, PredictionType.EPSILON));
        assertThat(Runs.stableDiffusion().preconditioning()).isEqualTo(PredictionType.EPSILON);
    }

    @Test
    void refusesWhatItCannotRead() {
        assertThatThrownBy(() -> new EdmPreconditioning(0, PredictionType.EPSILON))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sigma_data is 0.0; expected above 0 and finite");
        assertThatThrownBy(() -> new EdmPreconditioning(1, PredictionType.SAMPLE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prediction_type is SAMPLE; EDM's preconditioning expected EPSILON or V_PREDICTION");
    }
}
