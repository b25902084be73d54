package io.latent4j.training.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.latent4j.core.nn.Pass;
import io.latent4j.training.optimizer.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PriorPreservationTest {

    /** Has the same loss for any image. */
    private record Known(NDManager manager, float loss, List<Integer> tried) implements Objective {
        @Override
        public Loss loss(Pass pass, long step, int part) {
            return new Loss(manager.create(loss), Map.of());
        }

        @Override
        public Optional<Trial> trial() {
            return Optional.of(new Trial(5, (pass, count) -> {
                tried.add(count);
                return manager.create(loss * count);
            }));
        }

        @Override
        public Map<String, Double> validate() {
            return Map.of();
        }
    }

    @Test
    void addsThePriorToTheLossAndToTheTrialOfItsMemory() {
        List<Integer> tried = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            Objective both = new PriorPreservation(new Known(manager, 2, tried), new Known(manager, 3, tried), 0.5);
            assertThat(both.loss(Pass.inference(), 1, 0).total().getFloat()).isEqualTo(3.5f);
            Objective.Trial trial = both.trial().orElseThrow();
            assertThat(trial.batch()).isEqualTo(5);
            NDArray loss = trial.loss().apply(Pass.inference(), 2);
            assertThat(loss.getFloat()).isEqualTo(7);
            assertThat(tried).containsExactly(2, 2);
        }
    }
}
