package io.latent4j.schedulers.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.samplers.GaussianData;
import io.latent4j.schedulers.samplers.LcmScheduler;
import io.latent4j.schedulers.samplers.Runs;
import io.latent4j.schedulers.samplers.TcdScheduler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method of the catalogue, in runs that begin at each of their stages with data noised to its level. */
class LateStartTest {
    private static final int STEPS = 22;
    private static final double X0 = 0.7;

    static Stream<Map.Entry<String, Scheduler>> schedulers() {
        Map<String, Scheduler> schedulers = new LinkedHashMap<>();
        for (SamplingMethod method : Schedulers.methods()) {
            schedulers.put(method.name(), method.maker().apply(Runs.stableDiffusion()));
        }
        schedulers.put(
                "pndm with Runge-Kutta steps",
                Schedulers.from(Runs.stableDiffusion().with("skip_prk_steps", false)));
        return schedulers.entrySet().stream();
    }

    /** With one clean image and nothing else in the data, every method's steps are exact. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("schedulers")
    void findsTheOneImageThereIs(Map.Entry<String, Scheduler> method) {
        Scheduler scheduler = method.getValue();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray eps = manager.create(new float[] {-2, -0.5f, 0, 1, 2});
            NDArray x0 = eps.zerosLike().add(X0);
            for (int first = 0; first < scheduler.plan(STEPS).steps(); first++) {
                Plan plan = scheduler.plan(Steps.of(STEPS), LatentSize.UNTOLD, first);
                NDArray end =
                        Runs.run(scheduler, plan, plan.level(0).mix(x0, eps), LateStartTest::oneImage, Runs.noise(1));
                NoiseLevel last = plan.level(plan.steps());
                double most = 3e-3 + 6 * last.sigma(); // of noise that is left, by draws of up to 6 σ
                if (method.getKey().equals("pndm")) {
                    // PLMS starts late as the reference does: it takes the second timestep for one that is visited
                    // twice,
                    // and ends a step short of the others, with noise of up to 2 left at that level
                    most += 2 * plan.level(Math.max(plan.steps() - 2, 0)).sigma();
                }
                assertThat(end.sub(last.alpha() * X0).abs().max().getFloat())
                        .as("from stage %s", first)
                        .isLessThan((float) most);
            }
        }
    }

    private static Prediction oneImage(NDArray x, NoiseLevel at) {
        NDArray x0 = x.zerosLike().add(X0);
        return new Prediction(x0, x.sub(x0.mul(at.alpha())).div(at.sigma()));
    }

    /** Those that solve a differential equation: LCM's and TCD's jumps are exact for the networks distilled for them. */
    static Stream<Map.Entry<String, Scheduler>> solvers() {
        return schedulers()
                .filter(method ->
                        !(method.getValue() instanceof LcmScheduler) && !(method.getValue() instanceof TcdScheduler));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("solvers")
    void keepsMeanAndSpreadOfTheData(Map.Entry<String, Scheduler> method) {
        Scheduler scheduler = method.getValue();
        GaussianData data = new GaussianData(0.5, 0.8);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray eps = Runs.noise(3).like(manager.zeros(new Shape(2_000)));
            for (int first = 0; first < scheduler.plan(STEPS).steps(); first++) {
                Plan plan = scheduler.plan(Steps.of(STEPS), LatentSize.UNTOLD, first);
                NoiseLevel from = plan.level(0);
                NDArray start = eps.mul(data.std(from)).add(from.alpha() * data.mean());
                NDArray end = Runs.run(scheduler, plan, start, data, Runs.noise(4));
                double mean = end.mean().getFloat();
                assertThat(mean).as("mean from stage %s", first).isCloseTo(data.mean(), within(0.1));
                assertThat(Math.sqrt(end.sub(mean).square().mean().getFloat()))
                        .as("spread from stage %s", first)
                        .isCloseTo(data.std(), within(0.25));
            }
        }
    }
}
