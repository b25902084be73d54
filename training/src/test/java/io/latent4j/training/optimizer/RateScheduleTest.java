package io.latent4j.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.latent4j.training.optimizer.RateSchedule.Shape;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RateScheduleTest {
    private static double[] rates(RateSchedule schedule) {
        return LongStream.rangeClosed(1, schedule.steps())
                .mapToDouble(schedule::at)
                .toArray();
    }

    @Test
    void risesEvenlyAndThenStays() {
        assertThat(rates(new RateSchedule(8, 4, 6, Shape.CONSTANT))).containsExactly(2, 4, 6, 8, 8, 8);
    }

    @Test
    void fallsEvenly() {
        assertThat(rates(new RateSchedule(8, 0, 4, Shape.LINEAR))).containsExactly(8, 6, 4, 2);
        assertThat(rates(new RateSchedule(8, 0, 4, Shape.LINEAR, 4))).containsExactly(8, 7, 6, 5);
    }

    @Test
    void fallsAlongACosineAndBeginsAnew() {
        assertThat(rates(new RateSchedule(8, 0, 4, Shape.COSINE)))
                .containsExactly(new double[] {8, 4 + 4 * Math.sqrt(0.5), 4, 4 - 4 * Math.sqrt(0.5)}, within(1e-12));
        assertThat(rates(new RateSchedule(8, 1, 9, new RateSchedule.Cosine(4))))
                .containsExactly(new double[] {8, 8, 4, 8, 4, 8, 4, 8, 4}, within(1e-12));
        assertThat(rates(new RateSchedule(8, 0, 4, new RateSchedule.Cosine(2), 2)))
                .containsExactly(new double[] {8, 5, 8, 5}, within(1e-12));
    }

    @Test
    void fallsAsAPower() {
        assertThat(rates(new RateSchedule(16, 0, 4, new RateSchedule.Polynomial(2))))
                .containsExactly(16, 9, 4, 1);
        assertThat(rates(new RateSchedule(17, 0, 4, new RateSchedule.Polynomial(2), 1)))
                .containsExactly(17, 10, 5, 2);
    }

    @Test
    void staysAtTheEndAfterTheLastStep() {
        assertThat(new RateSchedule(8, 0, 4, new RateSchedule.Cosine(2), 2).at(5))
                .isCloseTo(2, within(1e-9));
        assertThat(new RateSchedule(8, 0, 4, Shape.LINEAR, 2).at(7)).isCloseTo(2, within(1e-9));
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RateSchedule(1, 0, 4, Shape.LINEAR, 2))
                .withMessage("min_rate is 2.0; expected 0 to rate, 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RateSchedule.Cosine(0))
                .withMessage("cycles is 0; expected 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RateSchedule.Polynomial(0))
                .withMessage("power is 0.0; expected above 0");
    }
}
