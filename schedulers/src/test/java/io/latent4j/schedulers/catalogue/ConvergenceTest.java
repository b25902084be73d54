package io.latent4j.schedulers.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.samplers.GaussianData;
import io.latent4j.schedulers.samplers.Runs;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method of the catalogue on Gaussian data, for which flow and marginals are known. */
class ConvergenceTest {
    /** More than one, as an error may happen to change its sign. */
    private static final List<GaussianData> DATA = List.of(new GaussianData(0.5, 0.3), new GaussianData(0.5, 1.5));

    /** From where the data plays no part, so that multistep methods warm up for free, to where little noise is left. */
    private static final double FIRST_LAMBDA = -5;

    private static final double LAST_LAMBDA = 2;

    /** They answer a network that was taught to jump to the end: for another one they do not converge. */
    private static final Set<String> FOR_DISTILLED_NETWORKS = Set.of("LCMScheduler", "TCDScheduler");

    static Stream<SamplingMethod> deterministic() {
        return converging().filter(method -> !method.stochastic());
    }

    static Stream<SamplingMethod> stochastic() {
        return converging().filter(SamplingMethod::stochastic);
    }

    private static Stream<SamplingMethod> converging() {
        return Schedulers.methods().stream()
                .filter(method -> method.className().stream().noneMatch(FOR_DISTILLED_NETWORKS::contains));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deterministic")
    void isOfTheOrderTheCatalogueSays(SamplingMethod method) {
        Scheduler scheduler = scheduler(method);
        double coarse = error(scheduler, 80);
        double fine = error(scheduler, 160);
        double order = Math.log(coarse / fine) / Math.log(2);
        assertThat(order)
                .as("%s, from an error of %s to %s", method.title(), coarse, fine)
                .isCloseTo(method.order(), within(0.35));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("stochastic")
    void keepsMeanAndVarianceOfTheData(SamplingMethod method) {
        Scheduler scheduler = scheduler(method);
        Plan plan = plan(scheduler, 250);
        NoiseLevel first = plan.level(0);
        NoiseLevel last = plan.level(plan.steps());
        try (NDManager manager = NDManager.newBaseManager()) {
            for (GaussianData data : DATA) {
                NDArray eps = Runs.noise(1).like(manager.zeros(new Shape(20_000)));
                NDArray start = eps.mul(data.std(first)).add(first.alpha() * data.mean());
                NDArray end = Runs.run(scheduler, plan, start, data, Runs.noise(2));
                double std = data.std(last);
                double mean = end.mean().getFloat();
                assertThat(mean).isCloseTo(last.alpha() * data.mean(), within(0.03 * std));
                double variance = end.sub(mean).square().mean().getFloat();
                assertThat(Math.sqrt(variance)).isCloseTo(std, within(0.03 * std));
            }
        }
    }

    private static double error(Scheduler scheduler, int steps) {
        Plan plan = plan(scheduler, steps);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            return DATA.stream()
                    .mapToDouble(data -> Runs.run(scheduler, plan, start, data, Runs.NO_NOISE)
                            .sub(data.flow(start, plan.level(0), plan.level(plan.steps())))
                            .abs()
                            .max()
                            .getDouble())
                    .sum();
        }
    }

    /** Without the step of first order that some end with, for the sake of few steps. */
    private static Scheduler scheduler(SamplingMethod method) {
        return method.maker().apply(Runs.stableDiffusion("\"lower_order_final\": false"));
    }

    /** The method's own plan, its levels moved to be evenly apart in λ. */
    private static Plan plan(Scheduler scheduler, int steps) {
        Plan own = scheduler.plan(steps);
        List<Double> ratios = own.stages().stream()
                .flatMap(stage -> Stream.of(stage.from(), stage.at(), stage.to()))
                .map(NoiseLevel::ratio)
                .distinct()
                .sorted(Comparator.reverseOrder())
                .toList();
        double stride = (LAST_LAMBDA - FIRST_LAMBDA) / (ratios.size() - 1);
        UnaryOperator<NoiseLevel> moved = level ->
                NoiseLevel.ofRatio(level.timestep(), Math.exp(-FIRST_LAMBDA - stride * ratios.indexOf(level.ratio())));
        List<Plan.Stage> stages = own.stages().stream()
                .map(stage ->
                        new Plan.Stage(moved.apply(stage.at()), moved.apply(stage.from()), moved.apply(stage.to())))
                .toList();
        return new Plan(stages, 0, 1);
    }
}
