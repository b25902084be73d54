package io.latent4j.transformer.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class PositionsTest {

    @Test
    void gridsGoRowByRow() {
        Positions grid = Positions.grid(4, 10, 2, 3);
        assertThat(grid.tokens()).isEqualTo(6);
        assertThat(numbers(grid, 4)).containsExactly(10, 1, 1, 0);
        assertThat(numbers(grid, 5)).containsExactly(10, 1, 2, 0);
    }

    @Test
    void linesBeginWhereTheyAreTold() {
        Positions both = Positions.zeros(3, 1).and(Positions.line(3, 2, 7, 2));
        assertThat(both.tokens()).isEqualTo(3);
        assertThat(numbers(both, 0)).containsExactly(0, 0, 0);
        assertThat(numbers(both, 2)).containsExactly(0, 0, 8);
    }

    @Test
    void readsArrays() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            Positions read = Positions.of(manager.create(new long[] {1, 2, 3, 4}, new Shape(2, 2)));
            assertThat(numbers(read, 1)).containsExactly(3, 4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Positions.of(manager.create(new long[] {1, 2})))
                    .withMessage("positions are (2); expected (tokens, axes)");
        }
    }

    @Test
    void areAsManyAsTokens() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Positions.zeros(3, 4).require(5, "words"))
                .withMessage("there are 5 words and 4 positions for them; expected one each");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Positions.zeros(3, 4).and(Positions.zeros(4, 4)))
                .withMessage("positions have 3 and 4 axes; expected the same number");
    }

    private static float[] numbers(Positions positions, int token) {
        float[] numbers = new float[positions.axes()];
        for (int axis = 0; axis < numbers.length; axis++) {
            numbers[axis] = positions.at(token, axis);
        }
        return numbers;
    }
}
