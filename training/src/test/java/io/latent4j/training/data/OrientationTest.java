package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationTest {
    private static final ByteOrder BIG = ByteOrder.BIG_ENDIAN;

    @TempDir
    private Path folder;

    /** Stored is 1 2 3 over 4 5 6. */
    @ParameterizedTest
    @CsvSource({
        "1, 123/456",
        "2, 321/654",
        "3, 654/321",
        "4, 456/123",
        "5, 14/25/36",
        "6, 41/52/63",
        "7, 63/52/41",
        "8, 36/25/14"
    })
    void turnsImagesUpright(int code, String expected) {
        BufferedImage stored = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 6; i++) {
            stored.setRGB(i % 3, i / 3, i + 1);
        }

        BufferedImage upright = new Orientation(code).upright(stored);

        StringBuilder found = new StringBuilder();
        for (int y = 0; y < upright.getHeight(); y++) {
            found.append(y == 0 ? "" : "/");
            for (int x = 0; x < upright.getWidth(); x++) {
                found.append(upright.getRGB(x, y) & 0xff);
            }
        }
        assertThat(found).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isReadFromBothByteOrders(boolean big) {
        ByteOrder order = big ? BIG : ByteOrder.LITTLE_ENDIAN;
        assertThat(Orientation.in(exif(6, order)).code()).isEqualTo(6);
    }

    @Test
    void isUprightWhereNothingSensibleIsTold() {
        assertThat(Orientation.in(new byte[0]).code()).isEqualTo(1);
        assertThat(Orientation.in("GIF89a and so on".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .code())
                .isEqualTo(1);
        assertThat(Orientation.in(exif(0, BIG)).code()).isEqualTo(1);
        assertThat(Orientation.in(exif(9, BIG)).code()).isEqualTo(1);
    }

    @Test
    void bearsWithAnyBytes() {
        byte[] good = exif(6, BIG);
        for (int length = 0; length < good.length; length++) {
            assertThat(Orientation.in(Arrays.copyOf(good, length)).code()).isIn(1, 6);
        }
        Draws draws = Draws.of(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int change = 0; change < 3; change++) {
                bad[2 + draws.below(bad.length - 2)] = (byte) draws.bits();
            }
            assertThat(Orientation.in(bad).code()).isBetween(1, 8);
        }
    }

    @Test
    void isObeyedWhenAFolderIsRead() throws IOException {
        BufferedImage stored = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 16 * 16; i++) {
            stored.setRGB(i % 16, i / 16, 0xffffff); // the left half
        }
        ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
        ImageIO.write(stored, "jpg", jpeg);
        ByteArrayOutputStream turned = new ByteArrayOutputStream();
        turned.write(exif(6, BIG));
        turned.write(jpeg.toByteArray(), 2, jpeg.size() - 2);
        Files.write(folder.resolve("a.jpg"), turned.toByteArray());
        Files.writeString(folder.resolve("a.txt"), "white above black");

        CaptionedImage image = ImageFolder.open(folder, Faults.STOP).example(0);

        assertThat(new int[] {image.width(), image.height()}).containsExactly(16, 32);
        assertThat(image.image().getRGB(8, 4) & 0xff).isGreaterThan(200);
        assertThat(image.image().getRGB(8, 28) & 0xff).isLessThan(50);
    }

    /** A JPEG file's beginning, up to and with its Exif segment. */
    private static byte[] exif(int code, ByteOrder order) {
        ByteBuffer tiff = ByteBuffer.allocate(38).order(order);
        tiff.putShort((short) (order == BIG ? 0x4d4d : 0x4949))
                .putShort((short) 42)
                .putInt(8);
        tiff.putShort((short) 2);
        tiff.putShort((short) 0x0100).putShort((short) 3).putInt(1).putInt(0); // another tag
        tiff.putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) code)
                .putShort((short) 0);
        tiff.putInt(0);
        ByteBuffer file = ByteBuffer.allocate(2 + 6 + 2 + 2 + 6 + 38);
        file.putShort((short) 0xffd8);
        file.putShort((short) 0xffe0).putShort((short) 4).putShort((short) 0);
        file.putShort((short) 0xffe1)
                .putShort((short) (2 + 6 + 38))
                .putInt(0x45786966)
                .putShort((short) 0);
        return file.put(tiff.array()).array();
    }
}
