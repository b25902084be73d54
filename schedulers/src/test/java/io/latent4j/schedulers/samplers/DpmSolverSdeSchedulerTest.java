package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.spacing.Karras;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import io.latent4j.schedulers.spacing.Timetable;
import org.junit.jupiter.api.Test;

class DpmSolverSdeSchedulerTest {
    private final Timetable timetable = Runs.timetable(TimestepSpacing.TRAILING);
    private final DpmSolverSdeScheduler sde = withEta(1);

    @Test
    void keepsTheDataDistribution() {
        Runs.assertKeepsTheDataDistribution(sde, karras(300));
    }

    /** Both evaluations of a step see one motion: drawn independently, they lose several times the variance. */
    @Test
    void losesLessVarianceOnOnePath() {
        GaussianData data = new GaussianData(0.5, 0.3);
        Plan plan = sde.plan(50);
        HeunScheduler ode = new HeunScheduler(Runs.levels(timetable));
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = Runs.noise(1).like(manager.zeros(new Shape(5_000)));
            double exact = spread(Runs.run(ode, plan, start, data, Runs.NO_NOISE));
            double lost = exact - spread(Runs.run(sde, plan, start, data, new TorchRandom(1)));
            double lostApart = exact - spread(Runs.run(sde, plan, start, data, Runs.noise(2)));
            assertThat(lost).isGreaterThan(0).isLessThan(0.4 * lostApart);
        }
    }

    private static double spread(NDArray values) {
        return Math.sqrt(values.sub(values.mean()).square().mean().getFloat());
    }

    @Test
    void withoutFreshNoiseIsDpmSolverPlusPlus2S() {
        DpmSolverPlusPlus2SAncestral solver =
                new DpmSolverPlusPlus2SAncestral(Runs.levels(timetable), new AncestralNoise(0, 1));
        Plan plan = sde.plan(9);
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = manager.create(new float[] {-1, 0, 0.5f, 2});
            assertThat(Runs.run(withEta(0), plan, start, data, Runs.NO_NOISE).toFloatArray())
                    .isEqualTo(
                            Runs.run(solver, plan, start, data, Runs.NO_NOISE).toFloatArray());
        }
    }

    @Test
    void drawsNoiseTwiceAStepButForTheLast() {
        assertThat(Runs.draws(sde, sde.plan(7))).isEqualTo(12);
    }

    @Test
    void followsOnePathWithMoreAndFewerSteps() {
        double coarse = distance(new TorchRandom(42), 20, new TorchRandom(42), 40);
        double fine = distance(new TorchRandom(42), 80, new TorchRandom(42), 160);
        double others = distance(new TorchRandom(42), 80, new TorchRandom(43), 160);
        assertThat(others).isGreaterThan(0.3);
        assertThat(coarse).isLessThan(0.33 * others);
        assertThat(fine).isLessThan(0.65 * coarse);
    }

    /** Root mean square of what lies between the ends of two runs from one start, the spread of the data being 0.3. */
    private double distance(NoiseSource noise, int steps, NoiseSource otherNoise, int otherSteps) {
        GaussianData data = new GaussianData(0.5, 0.3);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray start = Runs.noise(1).like(manager.zeros(new Shape(500)));
            NDArray end = Runs.run(sde, karras(steps), start, data, noise);
            NDArray other = Runs.run(sde, karras(otherSteps), start, data, otherNoise);
            return Math.sqrt(end.sub(other).square().mean().getFloat());
        }
    }

    private Plan karras(int steps) {
        return new EulerScheduler(Runs.levels(timetable, new Karras())).plan(steps);
    }

    private DpmSolverSdeScheduler withEta(double eta) {
        return new DpmSolverSdeScheduler(Runs.levels(timetable), new AncestralNoise(eta, 1));
    }
}
