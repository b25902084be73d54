package io.latent4j.schedulers.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.PredictionType;
import io.latent4j.schedulers.catalogue.ReferenceCase;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.schedulers.samplers.Runs;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ForwardProcessTest {
    private final ForwardProcess forward = new ForwardProcess(NoiseSchedule.scaledLinear(1000, 0.00085, 0.012));
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @MethodSource("io.latent4j.schedulers.process.TrainingCase#all")
    void agreesWithTheReferencesTrainingSteps(TrainingCase reference) {
        SchedulerConfig config = reference.config();
        ForwardProcess process = new ForwardProcess(config.noise());
        NDArray x0 = reference.tensor("in.latents", manager);
        NDArray eps = reference.tensor("in.noise", manager);
        int[] timesteps = reference.timesteps();

        assertClose(process.noisy(x0, eps, timesteps), reference.tensor("out.noisy", manager), 1e-5);
        NDArray target = process.target(config.predictionType(), x0, eps, timesteps);
        assertClose(target, reference.tensor("out.target", manager), 1e-5);
        reference.findTensor("out.weights", manager).ifPresent(expected -> {
            NDArray weights = process.minSnrWeights(x0, config.predictionType(), reference.gamma(), timesteps);
            assertThat(weights.getShape()).isEqualTo(new Shape(4, 1, 1, 1));
            assertClose(weights.flatten(), expected, 2e-6);
            for (int i = 0; i < timesteps.length; i++) {
                double snr = reference.tensor("out.snr", manager).getFloat(i);
                assertThat(process.snr(timesteps[i])).isCloseTo(snr, within(1e-4 * snr));
            }
        });
    }

    static Stream<ReferenceCase> velocities() {
        List<String> classes =
                ReferenceCase.isFullSet() ? List.of("DDIMScheduler", "TCDScheduler") : List.of("DDIMScheduler");
        return classes.stream().flatMap(name -> ReferenceCase.of(name).stream());
    }

    @ParameterizedTest
    @MethodSource("velocities")
    void agreesWithTheReferencesNoisingAndVelocity(ReferenceCase reference) {
        SchedulerConfig config = SchedulerConfig.from(reference.json().getAsJsonObject("config"), reference.id());
        ForwardProcess process = new ForwardProcess(config.noise());
        int[] timesteps = reference.numbers("add_noise_timesteps").stream()
                .mapToInt(Double::intValue)
                .toArray();
        NDArray x0 = reference.tensors().get("add_noise_x/" + timesteps.length, manager);
        NDArray eps = reference.tensors().get("add_noise_n/" + timesteps.length, manager);

        assertClose(process.noisy(x0, eps, timesteps), reference.tensor("add_noise", manager), 1e-6);
        reference.findTensor("get_velocity", manager).ifPresent(expected -> {
            NDArray velocity = process.target(PredictionType.V_PREDICTION, x0, eps, timesteps);
            assertClose(velocity, expected, 1e-6);
        });
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatItSetAsTarget(PredictionType type) {
        NDArray x0 = values(1);
        NDArray eps = values(2);
        NDArray x = forward.noisy(x0, eps, 20, 980);
        Prediction prediction = forward.read(type, forward.target(type, x0, eps, 20, 980), x, 20, 980);
        assertClose(prediction.x0(), x0, 1e-5);
        assertClose(prediction.eps(), eps, 1e-5);
        for (int i = 0; i < 2; i++) {
            NoiseLevel level = forward.noise().level(i == 0 ? 20 : 980);
            NDArray one = type.output(new Prediction(x0.get(i), eps.get(i)), level);
            assertClose(forward.target(type, x0, eps, 20, 980).get(i), one, 1e-6);
        }
    }

    /** q(x_{t-1} | x_t, x_0) ∝ q(x_t | x_{t-1}) q(x_{t-1} | x_0): precisions add up. */
    @Test
    void posteriorIsBayesRule() {
        double x0 = 0.7;
        double x = -0.4;
        NDArray clean = manager.full(new Shape(2, 3), (float) x0);
        Normal posterior = forward.posterior(manager.full(new Shape(2, 3), (float) x), clean, 1, 600);
        int row = 0;
        for (int t : new int[] {1, 600}) {
            NoiseLevel before = forward.noise().level(t - 1);
            double beta = forward.beta(t);
            double ofStep = (1 - beta) / beta;
            double ofStart = 1 / (before.sigma() * before.sigma());
            double mean = (x / Math.sqrt(1 - beta) * ofStep + before.alpha() * x0 * ofStart) / (ofStep + ofStart);
            assertThat(posterior.mean().getFloat(row, 2)).isCloseTo((float) mean, within(1e-6f));
            assertThat(posterior.logVariance().getFloat(row, 0))
                    .isCloseTo((float) -Math.log(ofStep + ofStart), within(1e-5f));
            row++;
        }
    }

    @Test
    void beforeTheFirstTimestepIsTheData() {
        NDArray x0 = values(1);
        Normal posterior = forward.posterior(values(2), x0, 0, 0);
        assertClose(posterior.mean(), x0, 1e-6);
        assertThat(posterior.logVariance())
                .isEqualTo(forward.posterior(values(2), x0, 1, 1).logVariance());
    }

    @Test
    void weightsStayFiniteWithoutSignal() {
        ForwardProcess stretched = new ForwardProcess(forward.noise().withZeroTerminalSnr());
        NDArray like = values(1);
        float[] epsilon =
                stretched.minSnrWeights(like, PredictionType.EPSILON, 5, 999, 0).toFloatArray();
        assertThat(epsilon[0]).isEqualTo(1);
        assertThat((double) epsilon[1]).isCloseTo(5 / stretched.snr(0), within(1e-8));
        assertThat(stretched
                        .minSnrWeights(like, PredictionType.V_PREDICTION, 5, 999, 999)
                        .toFloatArray())
                .containsOnly(0);
        assertThat(stretched
                        .minSnrWeights(like, PredictionType.SAMPLE, 5, 999, 0)
                        .toFloatArray())
                .containsExactly(0, 5);
    }

    @Test
    void gradientsPassThroughNoising() {
        NDArray x0 = values(1);
        x0.setRequiresGradient(true);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(forward.noisy(x0, values(2), 100, 900).sum());
        }
        assertThat(x0.getGradient().getFloat(0, 0))
                .isEqualTo((float) forward.noise().level(100).alpha());
        assertThat(x0.getGradient().getFloat(1, 3))
                .isEqualTo((float) forward.noise().level(900).alpha());
    }

    @Test
    void refusesAnotherNumberOfTimestepsThanImages() {
        NDArray x0 = values(1);
        assertThatThrownBy(() -> forward.noisy(x0, x0, 1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there are 3 timesteps for an array of shape (2, 4);"
                        + " expected one for each image along axis 0");
    }

    @Test
    void refusesToTellTheSignalFromNoiseOnly() {
        ForwardProcess stretched = new ForwardProcess(forward.noise().withZeroTerminalSnr());
        NDArray x = values(1);
        assertThatThrownBy(() -> stretched.read(PredictionType.EPSILON, x, x, 10, 999))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("at timestep 999.0 there is noise only");
        assertThat(stretched
                        .read(PredictionType.V_PREDICTION, x, x, 10, 999)
                        .x0()
                        .isNaN()
                        .any()
                        .getBoolean())
                .isFalse();
    }

    private NDArray values(long seed) {
        return Runs.noise(seed).like(manager.zeros(new Shape(2, 4)));
    }

    private static void assertClose(NDArray actual, NDArray expected, double tolerance) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.sub(expected).abs().max().getFloat()).isLessThanOrEqualTo((float) tolerance);
    }
}
