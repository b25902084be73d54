package io.latent4j.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LengthsTest {
    private static final Shape SQUARE = new Shape(6, 6);
    private static final Shape CONV = new Shape(6, 4, 3, 3);

    private static Lengths of(Role role, Shape weight, long... shape) {
        StoredLayer.Tensor tensor = new StoredLayer.Tensor("layer.scale", new Shape(shape));
        return Lengths.of(new StoredLayer("layer", Optional.empty(), Map.of(role, tensor)), weight);
    }

    @Test
    void theShapeTellsRowsFromColumns() {
        assertThat(of(Role.DORA_SCALE, SQUARE, 6, 1)).isEqualTo(Lengths.ROWS);
        assertThat(of(Role.DORA_SCALE, SQUARE, 1, 6)).isEqualTo(Lengths.COLUMNS);
        assertThat(of(Role.DORA_SCALE, CONV, 6, 1, 1, 1)).isEqualTo(Lengths.ROWS);
        assertThat(of(Role.DORA_SCALE, CONV, 1, 4, 1, 1)).isEqualTo(Lengths.COLUMNS);
        assertThat(of(Role.MAGNITUDE, SQUARE, 6)).isEqualTo(Lengths.ROWS);
        assertThat(of(Role.MAGNITUDE, CONV, 1, 6, 1, 1)).isEqualTo(Lengths.ROWS);
        assertThat(of(Role.ALPHA, CONV)).isEqualTo(Lengths.NONE);
    }

    @Test
    void refusesAnotherNumberOfLengths() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Role.DORA_SCALE, CONV, 1, 5, 1, 1))
                .withMessage(
                        "layer.scale is (1, 5, 1, 1); expected (6, 1), a length for each output, or (1, 4), one for each input");
    }
}
