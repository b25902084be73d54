package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.pipeline.InpaintingTest;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class MaskTest {

    @Test
    void blurKeepsTheSumAndFallsToHalfAtTheEdge() {
        Mask mask = Mask.of(InpaintingTest.mask(64, 64, 0, 0, 32, 64)).blurred(4);
        assertThat(mask.level(31, 5) + mask.level(32, 5)).isBetween(253, 257);
        assertThat(mask.level(31, 5)).isGreaterThan(128);
        assertThat(mask.level(0, 5)).isEqualTo(255);
        assertThat(mask.level(36, 5)).isBetween(28, 45); // 1 - Φ(4.5 / 4) of 255 is 33
        assertThat(mask.level(50, 5)).isZero();
    }

    @Test
    void transparentIsKept() {
        BufferedImage clear = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
        clear.setRGB(1, 1, 0xFFFFFFFF);
        Mask mask = Mask.of(clear);
        assertThat(mask.level(0, 0)).isZero();
        assertThat(mask.bounds()).isEqualTo(new Rectangle(1, 1, 1, 1));
    }

    @Test
    void mixesHalfAndHalfWhereItIsGrey() {
        BufferedImage white = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        white.setRGB(0, 0, 0xFFFFFF);
        BufferedImage grey = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(0, 0, 0, 128);
        BufferedImage mixed = new Mask(grey).mix(white, new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), 0, 0);
        assertThat(mixed.getRGB(0, 0) & 0xFFFFFF).isEqualTo(0x7F7F7F);
    }
}
