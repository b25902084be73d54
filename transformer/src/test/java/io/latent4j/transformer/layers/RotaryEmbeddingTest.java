package io.latent4j.transformer.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class RotaryEmbeddingTest {

    @Test
    void turnsEachAxisByItsPosition() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            RotaryEmbedding rotary = new RotaryEmbedding(List.of(2, 4), 100, false);
            Positions positions = Positions.line(2, 0, 5, 2).and(Positions.line(2, 1, 7, 1)); // (5, 0), (6, 0), (0, 7)

            NDArray table = rotary.table(positions, manager.zeros(new Shape(1)));

            assertThat(table.getShape()).isEqualTo(new Shape(3, 3, 2));
            assertThat(table.get("1").toFloatArray())
                    .containsExactly(new float[] {(float) Math.cos(6), (float) Math.sin(6), 1, 0, 1, 0}, within(1e-6f));
            assertThat(table.get("2").toFloatArray())
                    .containsExactly(
                            new float[] {
                                1,
                                0,
                                (float) Math.cos(7),
                                (float) Math.sin(7),
                                (float) Math.cos(0.7), // 100^(-2/4) is a tenth
                                (float) Math.sin(0.7)
                            },
                            within(1e-6f));
        }
    }

    @Test
    void mayRoundAnglesFirst() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            Positions far = Positions.line(1, 0, 1531, 1);
            double angle = 1531.0 * Math.pow(10_000, -0.25); // 8 channels, the second pair
            NDArray like = manager.zeros(new Shape(1));

            float exact = new RotaryEmbedding(List.of(8), 10_000, false)
                    .table(far, like)
                    .getFloat(0, 1, 1);
            float rounded = new RotaryEmbedding(List.of(8), 10_000, true)
                    .table(far, like)
                    .getFloat(0, 1, 1);

            assertThat(exact).isEqualTo((float) Math.sin(angle));
            assertThat(rounded).isEqualTo((float) Math.sin((float) angle));
            assertThat(rounded).isNotEqualTo(exact);
        }
    }

    @Test
    void needsPairsAndAsManyAxes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RotaryEmbedding(List.of(2, 3), 100, false))
                .withMessage("axes have [2, 3] channels; expected even numbers");
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new RotaryEmbedding(List.of(2, 4), 100, false)
                            .table(Positions.zeros(3, 1), manager.zeros(new Shape(1))))
                    .withMessage("positions have 3 axes; expected 2");
        }
    }
}
