package io.latent4j.transformer.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class SinCosPositionsTest {

    @Test
    void stretchesAGridToTheFirstOne() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray positions = new SinCosPositions(8, 4, 2).of(2, 8, manager.zeros(new Shape(1)));

            assertThat(positions.getShape()).isEqualTo(new Shape(1, 16, 8));
            // the second row's fourth patch: row 1 of 2 is at 1 · 4 / 2 / 2, column 3 of 8 at 3 · 4 / 8 / 2
            double row = 1;
            double column = 0.75;
            assertThat(positions.get("0, 11").toFloatArray())
                    .containsExactly(
                            new float[] {
                                (float) Math.sin(column),
                                (float) Math.sin(column / 100),
                                (float) Math.cos(column),
                                (float) Math.cos(column / 100),
                                (float) Math.sin(row),
                                (float) Math.sin(row / 100),
                                (float) Math.cos(row),
                                (float) Math.cos(row / 100)
                            },
                            within(1e-6f));
        }
    }

    @Test
    void needsFourKindsOfChannels() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SinCosPositions(6, 4, 2))
                .withMessage("positions of 6 channels; expected a multiple of 4");
    }
}
