package io.latent4j.service.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.latent4j.core.image.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class SourceImagesTest {
    private static final int WHITE = 0xffffffff;
    private static final int BLACK = 0xff000000;

    private static byte[] png(int type, int... pixels) throws IOException {
        BufferedImage image = new BufferedImage(pixels.length, 1, type);
        for (int x = 0; x < pixels.length; x++) {
            image.setRGB(x, 0, pixels[x]);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private static int[] pixels(Path file) throws IOException {
        BufferedImage image = ImageDecoder.decode(file);
        return image.getRGB(0, 0, image.getWidth(), 1, null, 0, image.getWidth());
    }

    @Test
    void keepsAnImageUntilItIsClosed() throws IOException {
        Path file;
        try (SourceImages images = new SourceImages()) {
            file = images.image(png(BufferedImage.TYPE_INT_RGB, WHITE, 0xff336699));
            assertThat(pixels(file)).containsExactly(WHITE, 0xff336699);
        }
        assertThat(file).doesNotExist();
        assertThat(file.getParent()).doesNotExist();
    }

    @Test
    void anOpaqueMaskStaysAsItIs() throws IOException {
        try (SourceImages images = new SourceImages()) {
            Path file = images.mask(png(BufferedImage.TYPE_INT_ARGB, WHITE, BLACK));
            assertThat(pixels(file)).containsExactly(WHITE, BLACK);
        }
    }

    @Test
    void ofATransparentMaskTheHolesAreRepainted() throws IOException {
        try (SourceImages images = new SourceImages()) {
            Path file = images.mask(png(BufferedImage.TYPE_INT_ARGB, 0x00ffffff, 0x00000000, WHITE, BLACK, 0x7f112233));
            assertThat(pixels(file)).containsExactly(WHITE, WHITE, BLACK, BLACK, 0xff808080);
        }
    }

    @Test
    void refusesWhatIsNoImageWithoutNamingItsFile() throws IOException {
        byte[] text = "no image".getBytes(StandardCharsets.UTF_8);
        try (SourceImages images = new SourceImages()) {
            assertThatExceptionOfType(InvalidJobException.class)
                    .isThrownBy(() -> images.image(text))
                    .withMessageStartingWith("the image cannot be read: ")
                    .withMessageNotContaining("latent4j-");
            assertThatExceptionOfType(InvalidJobException.class)
                    .isThrownBy(() -> images.mask(text))
                    .withMessageStartingWith("the mask cannot be read: ");
        }
    }
}
