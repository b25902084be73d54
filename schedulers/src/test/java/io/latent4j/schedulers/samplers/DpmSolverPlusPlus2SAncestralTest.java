package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.spacing.TimestepSpacing;
import java.util.List;
import org.junit.jupiter.api.Test;

class DpmSolverPlusPlus2SAncestralTest {
    private final DpmSolverPlusPlus2SAncestral ancestral = withEta(1);

    @Test
    void isOfSecondOrderWithoutFreshNoise() {
        assertThat(Runs.gain(withEta(0), 256)).isCloseTo(4, within(0.3));
    }

    @Test
    void keepsTheDataDistribution() {
        Runs.assertKeepsTheDataDistribution(ancestral, ancestral.plan(200));
    }

    @Test
    void drawsNoiseInEveryStepButTheLast() {
        assertThat(Runs.draws(ancestral, ancestral.plan(7))).isEqualTo(6);
    }

    /** From ratio 4 to 1 the split is down to 1/4, halfway in λ at 1; then √(15/16) of fresh noise. */
    @Test
    void stepsAsWrittenInRatios() {
        NoiseLevel from = NoiseLevel.ofRatio(0, 4);
        NoiseLevel to = NoiseLevel.ofRatio(0, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            Denoiser model = (x, at) -> new Prediction(x.div(at.alpha()).mul(0.5), x);
            NoiseSource ones = like -> like.onesLike();
            NDArray start = manager.ones(new Shape(1)).mul(from.alpha());
            double end = Runs.run(ancestral, Plan.through(List.of(from, to), 1), start, model, ones)
                    .getFloat(0);
            double halfway = 1.0 / 4 + (1 - 1.0 / 4) * 0.5;
            double down = 1.0 / 16 + (1 - 1.0 / 16) * halfway * 0.5;
            assertThat(end / to.alpha()).isCloseTo(down + Math.sqrt(15.0 / 16), within(1e-6));
        }
    }

    private static DpmSolverPlusPlus2SAncestral withEta(double eta) {
        return new DpmSolverPlusPlus2SAncestral(
                Runs.levels(Runs.timetable(TimestepSpacing.TRAILING)), new AncestralNoise(eta, 1));
    }
}
