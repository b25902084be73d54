package io.latent4j.training.data.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiversityTest {

    @Test
    void isTheMeanDistanceInPairsAndOverCaptions() {
        BufferedImage black = plain(0);
        BufferedImage white = plain(0xffffff);
        BufferedImage red = plain(0xff0000);

        assertThat(Diversity.of(List.of(List.of(black, black)))).isZero();
        assertThat(Diversity.of(List.of(List.of(black, white)))).isEqualTo(1);
        assertThat(Diversity.of(List.of(List.of(black, red)))).isCloseTo(Math.sqrt(1 / 3.0), within(1e-6));
        assertThat(Diversity.of(List.of(List.of(black, white, white)))).isCloseTo(2 / 3.0, within(1e-6));
        assertThat(Diversity.of(List.of(List.of(black, white), List.of(red, red))))
                .isEqualTo(0.5);
    }

    @Test
    void refusesOneImage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Diversity.of(List.of(List.of(plain(0)))))
                .withMessageContaining("1 image; expected two");
    }

    private static BufferedImage plain(int rgb) {
        BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 12; i++) {
            image.setRGB(i % 4, i / 4, rgb);
        }
        return image;
    }
}
