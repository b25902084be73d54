package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import java.util.List;
import org.junit.jupiter.api.Test;

class EdmSamplingTest {
    private static final String EULER = "\"_class_name\": \"EDMEulerScheduler\"";
    private static final String MULTISTEP = "\"_class_name\": \"EDMDPMSolverMultistepScheduler\"";

    @Test
    void tellsTheNetworkAQuarterOfTheLogarithm() {
        Plan plan = Schedulers.from(Runs.config(EULER)).plan(10);
        assertThat(plan.stages())
                .allSatisfy(stage -> assertThat(stage.at().timestep())
                        .isCloseTo(Math.log(stage.at().ratio()) / 4, within(1e-7)));
        assertThat(plan.level(0).ratio()).isCloseTo(80, within(1e-4));
        assertThat(plan.level(9).ratio()).isCloseTo(0.002, within(1e-9));
        assertThat(plan.level(10)).isEqualTo(NoiseLevel.CLEAN);
        assertThat(plan.initialScale()).isEqualTo(1);
    }

    @Test
    void takesSigmasOfOnesOwn() {
        Plan plan = Schedulers.from(Runs.config(EULER)).plan(Steps.atSigmas(List.of(5.0, 1.0, 0.0)));
        assertThat(plan.level(0).ratio()).isCloseTo(5, within(1e-6));
        assertThat(plan.level(1).timestep()).isZero();
        assertThat(plan.level(2)).isEqualTo(NoiseLevel.CLEAN);
    }

    @Test
    void isOfItsMethodsOrder() {
        assertThat(error(EULER, 100) / error(EULER, 200)).isCloseTo(2, within(0.15));
        assertThat(error(MULTISTEP, 100) / error(MULTISTEP, 200)).isCloseTo(4, within(0.5));
    }

    private static double error(String key, int steps) {
        String range = ", \"sigma_min\": 0.1, \"sigma_max\": 10, \"final_sigmas_type\": \"sigma_min\"";
        Scheduler scheduler = Schedulers.from(Runs.config(key + range));
        try (NDManager manager = NDManager.newBaseManager()) {
            return Runs.error(scheduler, scheduler.plan(steps), manager.create(new double[] {-1, 0, 0.5, 2}));
        }
    }

    /** The recursion in EDM's own coordinates, where alpha is 1 and λ the negative logarithm of sigma. */
    @Test
    void multistepIsDpmSolverPlusPlus2MInItsOwnCoordinates() {
        Scheduler scheduler = Schedulers.from(Runs.config(MULTISTEP));
        Plan plan = scheduler.plan(18);
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new double[] {-1, 0, 0.5, 2});
            NDArray y = start.div(plan.level(0).alpha());
            NDArray before = y;
            for (int i = 0; i < plan.steps(); i++) {
                double sigma = plan.level(i).ratio();
                double next = plan.level(i + 1).ratio();
                NDArray x0 = data.predict(y.mul(plan.level(i).alpha()), plan.level(i))
                        .x0();
                NDArray direction = x0;
                if (i > 0 && next > 0) {
                    double r = Math.log(plan.level(i - 1).ratio() / sigma) / Math.log(sigma / next);
                    direction = x0.add(x0.sub(before).div(2 * r));
                }
                y = y.mul(next / sigma).add(direction.mul(1 - next / sigma));
                before = x0;
            }
            assertThat(Runs.run(scheduler, plan, start, data, Runs.NO_NOISE).toDoubleArray())
                    .containsExactly(y.toDoubleArray(), within(1e-10));
        }
    }

    @Test
    void refusesWhatItHasNot() {
        Scheduler edm = Schedulers.from(Runs.config(EULER));
        assertThatThrownBy(() -> edm.plan(Steps.atTimesteps(List.of(999.0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("EDM has no training timesteps to list; expected a number of steps or a list of sigmas");
        assertThatThrownBy(() -> edm.plan(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is 0; expected at least 1");
        assertThatThrownBy(() -> Schedulers.from(Runs.config(EULER + ", \"sigma_min\": 3, \"sigma_max\": 2")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sigma_min is 3.0 and sigma_max 2.0; expected sigma_min above 0 and below");
    }

    @Test
    void methodsOfAllNamesSampleIt() {
        assertThat(Schedulers.named("edm dpm++2m", Runs.config(EULER)))
                .isEqualTo(Schedulers.named("dpm++2m", Runs.config(EULER)))
                .isEqualTo(Schedulers.from(Runs.config(MULTISTEP)));
        assertThat(Schedulers.named("edm euler", Runs.config(MULTISTEP)))
                .isEqualTo(Schedulers.from(Runs.config(EULER)))
                .isInstanceOf(EulerScheduler.class);
        assertThat(Schedulers.named("heun karras", Runs.config(EULER))
                        .plan(3)
                        .level(0)
                        .ratio())
                .isCloseTo(80, within(1e-4));
    }
}
