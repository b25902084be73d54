package io.latent4j.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.core.image.ImageDecoder;
import io.latent4j.core.image.PngFile;
import io.latent4j.server.api.ImageEncoding.Format;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ImageEncodingTest {
    private static final String TEXT = "a boat\nSteps: 9, Seed: 3";

    @TempDir
    private Path folder;

    private static byte[] png(Map<String, String> texts) {
        BufferedImage image = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
        image.setRGB(7, 7, 0xFF0000);
        return PngFile.bytes(image, texts);
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Format.class,
            names = {"JPEG", "WEBP"})
    void keepsTheParametersTextWhereOtherToolsLookForIt(Format format) throws IOException {
        ImageEncoding encoding = new ImageEncoding(format, 90);
        byte[] with = encoding.of(png(Map.of("parameters", TEXT)));
        assertThat(latin(with)).contains("ASCII\0\0\0" + TEXT);
        byte[] unicode = encoding.of(png(Map.of("parameters", "ein Boot, größer 船\nSteps: 9")));
        assertThat(new String(unicode, StandardCharsets.ISO_8859_1))
                .contains("UNICODE\0" + latin("ein Boot, größer 船\nSteps: 9".getBytes(StandardCharsets.UTF_16BE)));
        for (byte[] bytes : new byte[][] {with, unicode}) {
            Path file = Files.write(folder.resolve("image." + format.word()), bytes);
            BufferedImage read = ImageDecoder.decode(file);
            assertThat(read.getWidth()).isEqualTo(48);
            assertThat(read.getHeight()).isEqualTo(32);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Format.class,
            names = {"JPEG", "WEBP"})
    void addsNothingToAnImageWithoutAText(Format format) {
        assertThat(latin(new ImageEncoding(format, 90).of(png(Map.of())))).doesNotContain("ASCII", "Exif", "EXIF");
    }

    @Test
    void leavesOutATextThatIsLongerThanAJpegCanHold() throws IOException {
        byte[] jpeg = new ImageEncoding(Format.JPEG, 90).of(png(Map.of("parameters", "船".repeat(40_000))));
        assertThat(latin(jpeg)).doesNotContain("UNICODE");
        assertThat(ImageDecoder.decode(Files.write(folder.resolve("long.jpeg"), jpeg))
                        .getWidth())
                .isEqualTo(48);
    }

    @Test
    void leavesAPngAsItIs() {
        byte[] png = png(Map.of("parameters", TEXT));
        assertThat(ImageEncoding.PNG.of(png)).isSameAs(png);
    }
}
