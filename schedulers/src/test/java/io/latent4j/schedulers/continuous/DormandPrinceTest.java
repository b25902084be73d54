package io.latent4j.schedulers.continuous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DormandPrinceTest {
    private final AtomicInteger calls = new AtomicInteger();
    private final Ode circle = (t, y) -> {
        calls.incrementAndGet();
        return new double[] {-y[1], y[0]};
    };

    @Test
    void takesAsManyStepsAsTheToleranceNeeds() {
        double[] loose = new DormandPrince(1e-4, 1e-4).solve(circle, 0, 2 * Math.PI, new double[] {1, 0});
        int few = calls.getAndSet(0);
        double[] fine = new DormandPrince(1e-10, 1e-10).solve(circle, 0, 2 * Math.PI, new double[] {1, 0});
        assertThat(loose[0]).isCloseTo(1, within(2e-3));
        assertThat(fine[0]).isCloseTo(1, within(1e-9));
        assertThat(fine[1]).isCloseTo(0, within(1e-8));
        assertThat(calls.get()).isGreaterThan(3 * few);
    }

    @Test
    void goesBackInTime() {
        double[] there = new DormandPrince(1e-10, 1e-10).solve(circle, 0, 2, new double[] {1, 0});
        double[] back = new DormandPrince(1e-10, 1e-10).solve(circle, 2, 0, there);
        assertThat(back[0]).isCloseTo(1, within(1e-8));
    }

    @Test
    void saysWhatToDoWhereThereIsNoSolution() {
        Ode blowsUp = (t, y) -> new double[] {y[0] * y[0]};
        assertThatThrownBy(() -> new DormandPrince().solve(blowsUp, 0, 2, new double[] {1}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(
                        "the equation cannot be solved within 1.0E-5 and 1.0E-5; try larger tolerances");
        assertThatThrownBy(() -> new DormandPrince(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the tolerances are 0.0 and 1.0; expected the absolute one above 0"
                        + " and the relative one 0 or more");
    }
}
