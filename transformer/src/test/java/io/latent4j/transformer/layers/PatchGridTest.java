package io.latent4j.transformer.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class PatchGridTest {

    @Test
    void cutsAndPutsTogether() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            NDArray image = manager.arange(48f).reshape(1, 2, 4, 6); // channel · 24 + row · 6 + column
            PatchGrid grid = PatchGrid.of(image, 2);

            NDArray tokens = grid.tokens(image);

            assertThat(grid).isEqualTo(new PatchGrid(2, 3, 2));
            assertThat(tokens.getShape()).isEqualTo(new Shape(1, 6, 8));
            assertThat(tokens.get("0, 4").toFloatArray()) // the second row's second patch, channel last
                    .containsExactly(14, 38, 15, 39, 20, 44, 21, 45);
            assertThat(grid.image(tokens)).isEqualTo(image);
        }
    }

    @Test
    void refusesWhatPatchesDoNotCover() {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PatchGrid.of(manager.zeros(new Shape(1, 4, 8, 9)), 2))
                    .withMessageContaining("(1, 4, 8, 9)");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PatchGrid.of(manager.zeros(new Shape(4, 8, 8)), 2))
                    .withMessageContaining("expected (N, C, H, W)");
        }
    }
}
