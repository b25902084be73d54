package io.latent4j.schedulers.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MultistepTest {

    @Test
    void theOrderRisesToTheMethodsAndFallsWhereItIsTo() {
        Plan plan = Runs.evenInLambda(6);
        assertThat(orders(plan, 3, false)).containsExactly(1, 2, 3, 3, 3, 3);
        assertThat(orders(plan, 3, true)).containsExactly(1, 2, 3, 3, 2, 1);
    }

    @Test
    void aStepToNoNoiseIsOfFirstOrder() {
        List<NoiseLevel> levels = new ArrayList<>();
        Runs.evenInLambda(3).stages().forEach(stage -> levels.add(stage.from()));
        levels.add(NoiseLevel.CLEAN);
        assertThat(orders(Plan.through(levels, 1), 2, false)).containsExactly(1, 2, 1);
    }

    @Test
    void countsTheStepsOfTheWholeRun() {
        Plan short14 = Runs.evenInLambda(14);
        assertThat(Multistep.isShort(short14)).isTrue();
        assertThat(Multistep.isShort(new Plan(short14.stages(), 1, 1))).isFalse();
    }

    private static List<Integer> orders(Plan plan, int order, boolean falls) {
        return IntStream.range(0, plan.steps())
                .mapToObj(i -> Multistep.orderAt(plan, i, order, falls))
                .toList();
    }
}
