package io.latent4j.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationTest {
    private static final ByteOrder BIG = ByteOrder.BIG_ENDIAN;

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
    void isReadFromBothByteOrders(boolean big) throws IOException {
        ByteOrder order = big ? BIG : ByteOrder.LITTLE_ENDIAN;
        assertThat(in(exif(6, order))).isEqualTo(6);
    }

    @Test
    void isReadFromEveryFormatThatHasOne() throws IOException {
        byte[] tiff = tiff(8, BIG);
        assertThat(in(tiff)).isEqualTo(8);
        ByteBuffer png = ByteBuffer.allocate(100).putLong(0x89504E470D0A1A0AL);
        png.putInt(2).putInt(0x49484452).putShort((short) 0).putInt(0); // another chunk
        png.putInt(tiff.length).putInt(0x65584966).put(tiff).putInt(0);
        assertThat(in(png.array())).isEqualTo(8);
        ByteBuffer webp = ByteBuffer.allocate(100).putInt(0x52494646).putInt(0).putInt(0x57454250);
        webp.putInt(0x56503858).putInt(0x03000000).putInt(0); // another chunk, of 3 bytes and one more
        webp.putInt(0x45584946).putInt(tiff.length << 24).put(tiff);
        assertThat(in(webp.array())).isEqualTo(8);
    }

    @Test
    void isUprightWhereNothingSensibleIsStored() throws IOException {
        assertThat(in(new byte[0])).isEqualTo(1);
        assertThat(in("GIF89a and so on".getBytes(StandardCharsets.US_ASCII))).isEqualTo(1);
        assertThat(in(exif(0, BIG))).isEqualTo(1);
        assertThat(in(exif(9, BIG))).isEqualTo(1);
    }

    @Test
    void bearsWithAnyBytes() throws IOException {
        byte[] good = exif(6, BIG);
        for (int length = 0; length < good.length; length++) {
            assertThat(in(Arrays.copyOf(good, length))).isIn(1, 6);
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int change = 0; change < 3; change++) {
                bad[2 + random.nextInt(bad.length - 2)] = (byte) random.nextInt();
            }
            assertThat(in(bad)).isBetween(1, 8);
        }
    }

    private static int in(byte[] file) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            return Orientation.in(in, JpegHeader.in(in)).code();
        }
    }

    /** A JPEG file's beginning, up to and with its Exif segment. */
    static byte[] exif(int code, ByteOrder order) {
        byte[] tiff = tiff(code, order);
        ByteBuffer file = ByteBuffer.allocate(2 + 6 + 2 + 2 + 6 + 38);
        file.putShort((short) 0xffd8);
        file.putShort((short) 0xffe0).putShort((short) 4).putShort((short) 0);
        file.putShort((short) 0xffe1)
                .putShort((short) (2 + 6 + 38))
                .putInt(0x45786966)
                .putShort((short) 0);
        return file.put(tiff).array();
    }

    private static byte[] tiff(int code, ByteOrder order) {
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
        return tiff.array();
    }
}
