package io.latent4j.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.awt.Dimension;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private static final int[] LEVELS = {0, 1, 20, 79, 128, 129, 189, 235, 254, 255};

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"8, false", "8, true", "16, false", "16, true"})
    void keepsGreyLevelsWithAndWithoutAlpha(int bits, boolean alpha) throws IOException {
        int type = bits == 8 ? DataBuffer.TYPE_BYTE : DataBuffer.TYPE_USHORT;
        ColorModel colours = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                alpha,
                false,
                alpha ? ColorModel.TRANSLUCENT : ColorModel.OPAQUE,
                type);
        WritableRaster raster = colours.createCompatibleWritableRaster(LEVELS.length, 1);
        int unit = bits == 8 ? 1 : 257;
        for (int x = 0; x < LEVELS.length; x++) {
            raster.setPixel(x, 0, alpha ? new int[] {LEVELS[x] * unit, 255 * unit} : new int[] {LEVELS[x] * unit});
        }

        BufferedImage decoded = ImageDecoder.decode(written(new BufferedImage(colours, raster, false, null), "png"));

        for (int x = 0; x < LEVELS.length; x++) {
            assertThat(decoded.getRGB(x, 0)).isEqualTo(grey(LEVELS[x]));
        }
    }

    /** A JVM that would have the memory for an image, were it not in use. */
    static final class Child {
        public static void main(String[] args) throws IOException {
            byte[] used = new byte[48 << 20];
            try {
                ImageDecoder.decode(Path.of(args[0]));
            } catch (ImageMemoryException e) {
                System.out.println(e.getMessage());
            } finally {
                Reference.reachabilityFence(used);
            }
        }
    }

    @Test
    void tellsTooLittleMemoryFromAWrongFile() throws Exception {
        Path file = folder.resolve("large.png");
        ImageIO.write(new BufferedImage(4000, 3000, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream out = child.getInputStream()) {
            assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8).strip())
                    .isEqualTo(file + ": cannot be read as an image: there is too little memory for it; make the image"
                            + " smaller or give the JVM more memory");
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    @Test
    void keepsSixteenBits() throws IOException {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setSample(0, 0, 0, 1234);

        BufferedImage decoded = ImageDecoder.decode(written(image, "png"));

        assertThat(decoded.getRaster().getPixel(0, 0, (int[]) null)).containsExactly(1234, 1234, 1234);
    }

    @Test
    void keepsPalettesWithTransparentColours() throws IOException {
        int[] palette = {0xFF102030, 0xFFA0B0C0, 0x00000000};
        IndexColorModel colours = new IndexColorModel(8, 3, palette, 0, true, 2, DataBuffer.TYPE_BYTE);
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, colours);
        for (int x = 0; x < 3; x++) {
            image.getRaster().setSample(x, 0, 0, x);
        }

        BufferedImage decoded = ImageDecoder.decode(written(image, "png"));

        assertThat(decoded.getType()).isEqualTo(BufferedImage.TYPE_INT_ARGB);
        assertThat(decoded.getRGB(0, 0, 3, 1, null, 0, 3)).containsExactly(palette);
    }

    /** The stored numbers, and the colour that (1 - C) (1 - K) makes of them; Adobe's files store what is left out. */
    @ParameterizedTest
    @CsvSource({
        "-1, 200 100 50 20, 51 143 189",
        "0, 55 155 205 235, 51 143 189",
        "2, 150 128 128 255, 105 105 105",
        "2, 76 85 255 255, 1 255 255"
    })
    void takesInksAsOtherToolsDo(int adobe, String stored, String expected) throws IOException {
        Path file = folder.resolve("cmyk.jpg");
        Files.write(file, cmyk(numbers(stored), adobe));

        int rgb = ImageDecoder.decode(file).getRGB(8, 8);

        int[] levels = numbers(expected);
        for (int c = 0; c < 3; c++) {
            assertThat((rgb >> (16 - 8 * c)) & 255).isBetween(levels[c] - 1, levels[c] + 1);
        }
    }

    @Test
    void turnsImagesUpright() throws IOException {
        BufferedImage stored = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 16 * 16; i++) {
            stored.setRGB(i % 16, i / 16, 0xffffff); // the left half
        }
        byte[] jpeg = encoded(stored, "jpg");
        ByteArrayOutputStream turned = new ByteArrayOutputStream();
        turned.write(OrientationTest.exif(6, ByteOrder.BIG_ENDIAN));
        turned.write(jpeg, 2, jpeg.length - 2);
        Path file = Files.write(folder.resolve("a.jpg"), turned.toByteArray());

        BufferedImage image = ImageDecoder.decode(file);

        assertThat(ImageDecoder.size(file)).isEqualTo(new Dimension(16, 32));
        assertThat(image.getRGB(8, 4) & 0xff).isGreaterThan(200);
        assertThat(image.getRGB(8, 28) & 0xff).isLessThan(50);
    }

    @Test
    void readsWebp() throws IOException {
        byte[] lossless = Base64.getDecoder().decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==");
        Path file = Files.write(folder.resolve("a.webp"), lossless);

        assertThat(ImageDecoder.isImage("a.WebP")).isTrue();
        assertThat(ImageDecoder.size(file)).isEqualTo(new Dimension(1, 1));
        assertThat(ImageDecoder.decode(file).getWidth()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "tiff"})
    void refusesHugeImagesBeforeItDecodes(String format) throws IOException {
        byte[] bytes = encoded(noise(64), format);
        Path file = Files.write(folder.resolve("huge"), withSides(bytes, format, 20_000));

        assertThatIOException()
                .isThrownBy(() -> ImageDecoder.decode(file))
                .withMessage(file + ": has 20000x20000 pixels; expected at most 100000000; make the image smaller");
        assertThatIOException().isThrownBy(() -> ImageDecoder.size(file)).withMessageContaining("20000x20000 pixels");
    }

    @ParameterizedTest
    @CsvSource({"png, 0.6", "jpg, 0.6", "bmp, 0.6", "gif, 0.6", "tiff, 0.6", "png, 0.95", "jpg, 0.95", "bmp, 0.95"})
    void refusesAnImageThatIsCutOff(String format, double share) throws IOException {
        byte[] bytes = encoded(noise(64), format);
        Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, (int) (share * bytes.length)));

        assertThatIOException()
                .isThrownBy(() -> ImageDecoder.decode(file))
                .withMessageStartingWith(file + ": cannot be read as an image: ");
    }

    /** ImageIO would make a table of 2 to the power of 28 numbers. */
    @Test
    void refusesSamplesOfOddSizes() throws IOException {
        byte[] bytes = encoded(noise(64), "tiff");
        ByteBuffer tiff = ByteBuffer.wrap(bytes);
        int directory = tiff.getInt(4);
        for (int i = 0; i < tiff.getShort(directory); i++) {
            int entry = directory + 2 + 12 * i;
            if (tiff.getShort(entry) == 0x102) {
                tiff.putShort(tiff.getInt(entry + 8), (short) 28);
            }
        }
        Path file = Files.write(folder.resolve("odd.tiff"), bytes);

        assertThatIOException()
                .isThrownBy(() -> ImageDecoder.decode(file))
                .withMessageStartingWith(file + ": has samples of 28 bits; expected 1 to 16, 32 or 64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "tiff"})
    void readsFilesOfManyPieces(String format) throws IOException {
        BufferedImage noise = noise(301);

        BufferedImage decoded = ImageDecoder.decode(written(noise, format));

        assertThat(decoded.getRGB(0, 0, 301, 301, null, 0, 301)).isEqualTo(noise.getRGB(0, 0, 301, 301, null, 0, 301));
    }

    @Test
    void saysWhatIsNoImage() throws IOException {
        Path text = Files.writeString(folder.resolve("a.png"), "a text");
        assertThatIOException()
                .isThrownBy(() -> ImageDecoder.decode(text))
                .withMessageStartingWith(
                        text + ": is not an image of a kind that can be read here; expected one of bmp");
        assertThatIOException()
                .isThrownBy(() -> ImageDecoder.decode(folder))
                .withMessage(folder + ": is not a regular file; expected an image");
        Path none = folder.resolve("none.png");
        assertThatIOException()
                .isThrownBy(() -> ImageDecoder.decode(none))
                .withMessage(none + ": does not exist; expected an image");
    }

    /** The width and height in a file's header, which say more than its data hold. */
    private static byte[] withSides(byte[] bytes, String format, int side) {
        ByteBuffer file = ByteBuffer.wrap(bytes);
        switch (format) {
            case "png" -> {
                file.putInt(16, side).putInt(20, side);
                CRC32 crc = new CRC32();
                crc.update(bytes, 12, 17);
                file.putInt(29, (int) crc.getValue());
            }
            case "bmp" ->
                file.order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(18, side)
                        .putInt(22, side)
                        .putInt(34, 0);
            case "gif" -> {
                int descriptor = 13 + 3 * 256;
                while (bytes[descriptor] != ',') { // after the extensions
                    descriptor += 2;
                    while (bytes[descriptor] != 0) {
                        descriptor += 1 + (bytes[descriptor] & 0xFF);
                    }
                    descriptor++;
                }
                file.order(ByteOrder.LITTLE_ENDIAN)
                        .putShort(descriptor + 5, (short) side)
                        .putShort(descriptor + 7, (short) side);
            }
            case "tiff" -> {
                int directory = file.getInt(4);
                for (int i = 0; i < file.getShort(directory); i++) {
                    int entry = directory + 2 + 12 * i;
                    if (file.getShort(entry) == 0x100 || file.getShort(entry) == 0x101) {
                        file.putShort(entry + 2, (short) 4).putInt(entry + 8, side);
                    }
                }
            }
            default -> {
                int frame = 2;
                while (file.getShort(frame) != (short) 0xFFC0) {
                    frame += 2 + file.getShort(frame + 2);
                }
                file.putShort(frame + 5, (short) side).putShort(frame + 7, (short) side);
            }
        }
        return bytes;
    }

    private static BufferedImage noise(int side) {
        BufferedImage noise = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < side * side; i++) {
            noise.setRGB(i % side, i / side, random.nextInt());
        }
        return noise;
    }

    private static byte[] cmyk(int[] stored, int adobe) throws IOException {
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
        for (int i = 0; i < 16 * 16; i++) {
            raster.setPixel(i % 16, i / 16, stored);
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam exact = writer.getDefaultWriteParam();
            exact.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            exact.setCompressionQuality(1);
            writer.write(null, new IIOImage(raster, null, null), exact);
        } finally {
            writer.dispose();
        }
        byte[] plain = bytes.toByteArray();
        if (adobe < 0) {
            return plain;
        }
        ByteBuffer marked = ByteBuffer.allocate(plain.length + 16).put(plain, 0, 2);
        marked.putShort((short) 0xFFEE).putShort((short) 14);
        marked.put(new byte[] {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) adobe});
        return marked.put(plain, 2, plain.length - 2).array();
    }

    private static int grey(int level) {
        return 0xFF000000 | level * 0x010101;
    }

    private static int[] numbers(String text) {
        return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    private Path written(BufferedImage image, String format) throws IOException {
        return Files.write(folder.resolve("image." + format), encoded(image, format));
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return bytes.toByteArray();
    }
}
