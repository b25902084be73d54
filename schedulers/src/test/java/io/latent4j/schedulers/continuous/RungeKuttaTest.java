package io.latent4j.schedulers.continuous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RungeKuttaTest {
    /** y' = −2 t y: y(t) = exp(−t²) from 1 at 0. */
    private static final Ode BELL = (t, y) -> new double[] {-2 * t * y[0]};

    static Stream<Arguments> orders() {
        IntFunction<OdeSolver> euler = RungeKutta::euler;
        IntFunction<OdeSolver> heun = RungeKutta::heun;
        IntFunction<OdeSolver> fourth = RungeKutta::fourth;
        return Stream.of(Arguments.of(1, euler), Arguments.of(2, heun), Arguments.of(4, fourth));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("orders")
    void isOfItsOrderInBothDirections(int order, IntFunction<OdeSolver> solver) {
        assertThat(order(solver, 0, 1.5)).isCloseTo(order, within(0.15));
        assertThat(order(solver, 1.5, 0)).isCloseTo(order, within(0.15));
    }

    private static double order(IntFunction<OdeSolver> solver, double from, double to) {
        return Math.log(error(solver.apply(64), from, to) / error(solver.apply(128), from, to)) / Math.log(2);
    }

    private static double error(OdeSolver solver, double from, double to) {
        double[] start = {Math.exp(-from * from)};
        return Math.abs(solver.solve(BELL, from, to, start)[0] - Math.exp(-to * to));
    }

    @Test
    void leavesTheStartAlone() {
        double[] start = {1};
        RungeKutta.heun(3).solve(BELL, 0, 1, start);
        assertThat(start).containsExactly(1);
    }

    @Test
    void refusesNoStepsAndTablesWithHoles() {
        assertThatThrownBy(() -> RungeKutta.euler(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps is 0; expected 1 or more");
        assertThatThrownBy(() -> new RungeKutta(List.of(List.of(), List.of()), List.of(0.5, 0.5), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected row i to have i shares");
    }
}
