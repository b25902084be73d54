package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceImagesTest {

    @ParameterizedTest
    @CsvSource({"64, 48, 64, 48", "70, 63, 64, 48", "7, 40, 16, 32", "2048, 1024, 1440, 720", "1024, 1024, 1024, 1024"})
    void areCutToAMultipleAndAtMostAMillionPixels(int width, int height, int fittedWidth, int fittedHeight) {
        BufferedImage fitted = ReferenceImages.fitted(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), 16);

        assertThat(fitted.getWidth()).isEqualTo(fittedWidth);
        assertThat(fitted.getHeight()).isEqualTo(fittedHeight);
    }
}
