package io.latent4j.schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class LatentSizeTest {

    @Test
    void isThatOfTheLatents() {
        assertThat(LatentSize.of(new Shape(2, 16, 128, 96))).isEqualTo(new LatentSize(128, 96));
        assertThat(new LatentSize(128, 96).tokens()).isEqualTo(64 * 48);
    }

    @Test
    void refusesWhatIsNone() {
        assertThatThrownBy(() -> new LatentSize(-1, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the latents are -1 high and 8 wide; expected neither below 0");
        assertThatThrownBy(LatentSize.UNTOLD::tokens).hasMessageContaining("which is not known");
    }
}
