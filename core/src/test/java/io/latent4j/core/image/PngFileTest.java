package io.latent4j.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PngFileTest {
    private static final int HEADER_END = 33; // signature and IHDR

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("image.png");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a red circle\nSteps: 25, Seed: 1",
                "un café à Liège",
                "赤い円 🔴 above Δ",
                "",
                "  blanks \t and\n\nlines  "
            })
    void givesBackTheTextItWrote(String text) throws IOException {
        PngFile.write(file, image(), Map.of("parameters", text));

        assertThat(PngFile.readText(file)).containsExactly(Map.entry("parameters", text));
        assertThat(PngFile.readText(Files.readAllBytes(file))).containsExactly(Map.entry("parameters", text));
    }

    @Test
    void usesTheChunkThatOtherToolsExpect() throws IOException {
        PngFile.write(file, image(), Map.of("parameters", "café"));
        assertThat(bytes()).contains("tEXtparameters\0café").doesNotContain("iTXt");

        PngFile.write(file, image(), Map.of("parameters", "赤"));
        assertThat(bytes()).contains("iTXtparameters\0\0\0\0\0").doesNotContain("tEXt");
    }

    @Test
    void keepsEveryPixel() throws IOException {
        PngFile.write(file, image(), Map.of("parameters", "x"));

        assertThat(pixels(ImageIO.read(file.toFile()))).isEqualTo(pixels(image()));
    }

    @Test
    void replacesAFileWhole() throws IOException {
        Files.writeString(file, "old");

        PngFile.write(file, image(), Map.of());

        assertThat(PngFile.readText(file)).isEmpty();
        assertThat(folder.toFile().list()).containsExactly("image.png");
    }

    @Test
    void createsEachFileOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Boolean>> tries = threads.invokeAll(Collections.nCopies(16, () -> {
                try {
                    PngFile.create(file, image(), Map.of());
                    return true;
                } catch (FileAlreadyExistsException e) {
                    return false;
                }
            }));
            int created = 0;
            for (Future<Boolean> each : tries) {
                created += each.get() ? 1 : 0;
            }
            assertThat(created).isEqualTo(1);
        } finally {
            threads.shutdown();
        }
        assertThat(pixels(ImageIO.read(file.toFile()))).isEqualTo(pixels(image()));
        assertThat(folder.toFile().list()).containsExactly("image.png");
    }

    @Test
    void writesToStreamsAndBytesWhatItWritesToFiles() throws IOException {
        Map<String, String> text = Map.of("parameters", "x");
        PngFile.write(file, image(), text);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        PngFile.write(stream, image(), text);

        assertThat(PngFile.bytes(image(), text)).isEqualTo(stream.toByteArray()).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void refusesMoreChunksThanAnyFileNeeds() throws IOException {
        PngFile.write(file, image(), Map.of());
        byte[] plain = Files.readAllBytes(file);
        ByteBuffer many = ByteBuffer.allocate(plain.length + 12 * 100_001).put(plain, 0, HEADER_END);
        CRC32 checksum = new CRC32();
        checksum.update(latin("prVt"));
        for (int i = 0; i < 100_001; i++) {
            many.putInt(0).put(latin("prVt")).putInt((int) checksum.getValue());
        }
        many.put(plain, HEADER_END, plain.length - HEADER_END);
        Files.write(file, many.array());

        assertBad("has more than 100000 chunks");
        assertThatThrownBy(() -> ImageDecoder.decode(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": has more than 100000 chunks");
    }

    @Test
    void leavesNothingBehindWhenItFails() throws IOException {
        Files.createDirectories(file.resolve("inside"));

        assertThatThrownBy(() -> PngFile.write(file, image(), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("image.png: cannot be written");
        assertThatThrownBy(() -> PngFile.write(folder.resolve("none/image.png"), image(), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("existing folder");

        assertThat(folder.toFile().list()).containsExactly("image.png");
    }

    @Test
    void refusesWhatCannotBeStored() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PngFile.write(file, image(), Map.of("", "x")))
                .withMessageContaining("keyword");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PngFile.write(file, image(), Map.of("k", "a\0b")))
                .withMessageContaining("NUL");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void readsCompressedTexts() throws IOException {
        insert("zTXt", concat(latin("Comment\0\0"), deflated(latin("été"))));
        assertThat(PngFile.readText(file)).containsExactly(Map.entry("Comment", "été"));

        insert("iTXt", concat(latin("Title\0\1\0fr\0Titre\0"), deflated("赤".getBytes(StandardCharsets.UTF_8))));
        assertThat(PngFile.readText(file)).containsExactly(Map.entry("Title", "赤"));
    }

    @Test
    void refusesATextThatUnpacksToTooMuch() throws IOException {
        insert("zTXt", concat(latin("Comment\0\0"), deflated(new byte[17 << 20])));

        assertBad("bytes of text");
    }

    @Test
    void refusesDamagedTexts() throws IOException {
        insert("tEXt", latin("no end of keyword"));
        assertBad("ends too early");

        insert("zTXt", latin("Comment\0\0not deflated"));
        assertBad("cannot be unpacked");

        insert("tEXt", latin("Comment\0text"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[HEADER_END + 10] ^= 1;
        Files.write(file, bytes);
        assertBad("checksum");
    }

    @Test
    void refusesALengthBeyondTheFile() throws IOException {
        insert("tEXt", latin("Comment\0text"));
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, HEADER_END, HEADER_END + 4, (byte) 0x7F);
        Files.write(file, bytes);
        assertBad("a chunk of 2139062143 bytes");

        bytes[HEADER_END] = (byte) 0xFF;
        Files.write(file, bytes);
        assertBad("a chunk of 4286545791 bytes");
    }

    @Test
    void refusesEveryTruncatedFile() throws IOException {
        PngFile.write(file, image(), Map.of("parameters", "text"));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertBad("");
        }
    }

    @Test
    void survivesAnyByteChanged() throws IOException {
        PngFile.write(file, image(), Map.of("parameters", "text", "other", "赤"));
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] = (byte) random.nextInt();
            Files.write(file, changed);
            try {
                assertThat(PngFile.readText(file)).hasSizeLessThanOrEqualTo(2);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("image.png");
            }
        }
    }

    private void assertBad(String message) {
        assertThatThrownBy(() -> PngFile.readText(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("image.png")
                .hasMessageContaining(message);
    }

    private String bytes() throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** Writes an image with one more chunk after its header. */
    private void insert(String type, byte[] data) throws IOException {
        PngFile.write(file, image(), Map.of());
        byte[] plain = Files.readAllBytes(file);
        byte[] body = concat(latin(type), data);
        CRC32 checksum = new CRC32();
        checksum.update(body);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(plain, 0, HEADER_END);
            out.writeInt(data.length);
            out.write(body);
            out.writeInt((int) checksum.getValue());
            out.write(plain, HEADER_END, plain.length - HEADER_END);
        }
        Files.write(file, bytes.toByteArray());
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] deflated(byte[] data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(data);
        }
        return bytes.toByteArray();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static BufferedImage image() {
        BufferedImage image = new BufferedImage(5, 3, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 15; i++) {
            image.setRGB(i % 5, i / 5, 0x10305 * i);
        }
        return image;
    }

    private static int[] pixels(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
