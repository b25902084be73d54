package io.latent4j.schedulers.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.samplers.GaussianData;
import io.latent4j.schedulers.samplers.Runs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EdmNoiseTest {
    private static final double SIGMA_DATA = 0.5;

    @ParameterizedTest
    @ValueSource(doubles = {0.002, 0.5, 80})
    void givesTheNetworkUnitVariance(double ratio) {
        NoiseLevel at = NoiseLevel.ofRatio(0, ratio);
        EdmNoise edm = new EdmNoise(SIGMA_DATA);
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
            Prediction read = new EdmNoise(SIGMA_DATA).read(type, x.zerosLike(), x, at);
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
            Prediction eps = new EdmNoise(SIGMA_DATA).read(PredictionType.EPSILON, output, x, at);
            Prediction v = new EdmNoise(SIGMA_DATA).read(PredictionType.V_PREDICTION, output.neg(), x, at);
            assertThat(v.x0().toDoubleArray()).isEqualTo(eps.x0().toDoubleArray());
            assertThat(eps.at(at).toDoubleArray()).containsExactly(x.toDoubleArray(), within(1e-12));
        }
    }

    @Test
    void isReadFromTheFilesThatNameIt() {
        assertThat(Runs.config("\"_class_name\": \"EDMEulerScheduler\", \"sigma_data\": 1")
                        .process())
                .isEqualTo(new EdmNoise(1));
        assertThat(Runs.stableDiffusion().process()).isInstanceOf(NoiseSchedule.class);
    }

    @Test
    void tellsAQuarterOfTheLogarithmAndBack() {
        EdmNoise edm = new EdmNoise(SIGMA_DATA);
        NoiseLevel level = edm.ofRatio(3);
        assertThat(level.timestep()).isCloseTo(Math.log(3) / 4, within(1e-7));
        assertThat(edm.level(level.timestep()).ratio()).isCloseTo(3, within(1e-6));
        assertThat(edm.ofRatio(0)).isEqualTo(NoiseLevel.CLEAN);
    }

    @Test
    void refusesWhatItCannotRead() {
        assertThatThrownBy(() -> new EdmNoise(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sigma_data is 0.0; expected above 0 and finite");
        SchedulerConfig config = Runs.config("\"_class_name\": \"EDMEulerScheduler\", \"prediction_type\": \"sample\"");
        assertThatThrownBy(config::process)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prediction_type is SAMPLE; EDM's preconditioning expected EPSILON or V_PREDICTION");
    }
}
