package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {
    @TempDir
    private Path above;

    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(above.resolve("set"));
    }

    @Test
    void readsMetadataLines() throws IOException {
        image("a.png");
        Files.createDirectory(folder.resolve("sub"));
        image("sub/b.png");
        write("metadata.jsonl", """
                {"file_name": "a.png", "text": "a café", "other": 3}

                {"text": ["one", "two"], "file_name": "sub/b.png"}
                """);

        ImageFolder set = ImageFolder.open(folder, Faults.STOP);

        assertThat(captions(set)).containsExactly(List.of("a café"), List.of("one", "two"));
        assertThat(names(set)).containsExactly("a.png", "b.png");
        assertThat(set.skipped()).isEmpty();
    }

    @Test
    void readsMetadataTables() throws IOException {
        image("a.png");
        image("b,b.png");
        image("c.png");
        write(
                "metadata.csv",
                "\uFEFFtext,kind,file_name\r\nplain words,x,a.png\r\n\"quotes \"\"q\"\", a comma\nand a line\",,\"b,b.png\"\r\n"
                        + "\nend,,c.png");

        ImageFolder set = ImageFolder.open(folder, Faults.STOP);

        assertThat(captions(set))
                .containsExactly(List.of("plain words"), List.of("quotes \"q\", a comma\nand a line"), List.of("end"));
        assertThat(names(set)).containsExactly("a.png", "b,b.png", "c.png");
    }

    @Test
    void readsTextFilesBesideImages() throws IOException {
        image("b.png");
        image("a.png");
        write("a.txt", "\none caption\r\n\n another \n");
        write("b.txt", "b");
        write("notes.md", "no image");

        ImageFolder set = ImageFolder.open(folder, Faults.STOP);

        assertThat(names(set)).containsExactly("a.png", "b.png");
        assertThat(captions(set)).containsExactly(List.of("one caption", "another"), List.of("b"));
    }

    @Test
    void readsCaptionFilesWhereThereAreNoTextFiles() throws IOException {
        image("a.png");
        image("b.png");
        write("a.caption", "one caption");
        write("b.caption", "not this");
        write("b.txt", "but this");
        assertThat(captions(ImageFolder.open(folder, Faults.STOP)))
                .containsExactly(List.of("one caption"), List.of("but this"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "bmp", "gif"})
    void loadsImagesOfEveryFormat(String format) throws IOException {
        image("p." + format);
        write("p.txt", "p");

        CaptionedImage example = ImageFolder.open(folder, Faults.STOP).example(0);

        assertThat(new int[] {example.width(), example.height()}).containsExactly(20, 10);
        BufferedImage image = example.image();
        assertThat(new int[] {image.getWidth(), image.getHeight()}).containsExactly(20, 10);
        assertThat(near(image.getRGB(3, 5), Color.RED)).isTrue();
        assertThat(near(image.getRGB(17, 5), Color.BLUE)).isTrue();
    }

    @Test
    void namesContentByTheFilesBytes() throws IOException {
        image("a.png");
        Files.copy(folder.resolve("a.png"), folder.resolve("same.png"));
        image("z.bmp");
        for (String name : List.of("a", "same", "z")) {
            write(name + ".txt", name);
        }

        ImageFolder set = ImageFolder.open(folder);

        assertThat(set.example(0).contentKey())
                .matches("[0-9a-f]{64}")
                .isEqualTo(set.example(1).contentKey())
                .isNotEqualTo(set.example(2).contentKey());
    }

    @Test
    void leavesOutWhatCannotBeUsedAndSaysSo() throws IOException {
        image("good.png");
        write("empty.png", "");
        write("text.png", "this is no image");
        image("silent.png");
        write("metadata.jsonl", """
                {"file_name": "gone.png", "text": "x"}
                {"file_name": "empty.png", "text": "x"}
                {"file_name": "text.png", "text": "x"}
                {"file_name": "silent.png", "text": "  "}
                {"file_name": "silent.png"}
                {"file_name": 3, "text": "x"}
                {"file_name": "nul\\u0000.png", "text": "x"}
                no json
                {"file_name": "good.png", "text": "x"}
                """);

        ImageFolder set = ImageFolder.open(folder);

        assertThat(names(set)).containsExactly("good.png");
        List<String> parts = List.of(
                "there is no file " + folder.resolve("gone.png"),
                folder.resolve("empty.png") + ": is not an image",
                folder.resolve("text.png") + ": is not an image",
                "line 4: the caption of silent.png is empty",
                "line 5: has no text",
                "line 6: has no file_name",
                "line 7: file_name",
                "line 8: has no JSON object");
        assertThat(set.skipped()).hasSize(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            assertThat(set.skipped().get(i)).contains(parts.get(i));
        }
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder, Faults.STOP))
                .withMessageContaining("line 1: there is no file " + folder.resolve("gone.png"));
    }

    @Test
    void warnsOfImagesInSubfolders() throws IOException {
        image("a.png");
        write("a.txt", "a");
        assertThat(ImageFolder.open(folder).ignored()).isEmpty();
        Files.createDirectories(folder.resolve("10_moon"));
        Files.createDirectories(folder.resolve("notes"));
        image("10_moon/b.png");
        image("10_moon/c.png");
        String warning = folder + ": images in its subfolders are ignored: 10_moon (2); name each of them under"
                + " data.folders, as in {folder: " + folder.resolve("10_moon") + ", repeats: 10}";
        assertThat(ImageFolder.open(folder).ignored()).contains(warning);
        assertThat(ImageFolder.open(folder, Faults.STOP, "a moon").ignored()).contains(warning);
        Files.delete(folder.resolve("a.png"));
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessageContaining("has no image with a caption")
                .withMessageEndingWith(". " + warning);
        write("metadata.jsonl", "{\"file_name\": \"10_moon/b.png\", \"text\": \"a moon\"}");
        assertThat(ImageFolder.open(folder).ignored()).isEmpty();
    }

    @Test
    void leavesOutImagesWithoutTextFiles() throws IOException {
        image("a.png");
        image("b.png");
        image("c.png");
        write("a.txt", "a");
        write("b.txt", " \n ");

        ImageFolder set = ImageFolder.open(folder);

        assertThat(names(set)).containsExactly("a.png");
        assertThat(set.skipped()).hasSize(2);
        assertThat(set.skipped().get(0)).contains("the caption of b.png is empty");
        assertThat(set.skipped().get(1)).contains("c.png: has no caption; expected it in ", "c.txt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret.png", "sub/../../secret.png", "ABSOLUTE", "link.png", "linked/secret.png"})
    void readsNothingOutsideTheFolder(String name) throws IOException {
        image("good.png");
        Path secret = above.resolve("secret.png");
        Files.copy(folder.resolve("good.png"), secret);
        Files.createDirectory(folder.resolve("sub"));
        Files.createSymbolicLink(folder.resolve("link.png"), secret);
        Files.createSymbolicLink(folder.resolve("linked"), above);
        String fileName = name.replace("ABSOLUTE", secret.toAbsolutePath().toString());
        write("metadata.jsonl", """
                {"file_name": "%s", "text": "x"}
                {"file_name": "good.png", "text": "x"}
                """.formatted(fileName));

        ImageFolder set = ImageFolder.open(folder);

        assertThat(names(set)).containsExactly("good.png");
        assertThat(set.skipped()).singleElement().asString().contains("leads out of the folder", fileName);
    }

    @Test
    void readsNoCaptionsFromOutsideTheFolder() throws IOException {
        image("a.png");
        Files.writeString(above.resolve("secret"), "secret");
        Files.createSymbolicLink(folder.resolve("a.txt"), above.resolve("secret"));

        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessageContaining("a.txt: leads out of the folder");
    }

    @ParameterizedTest
    @CsvSource({"png, 0.6", "jpg, 0.6", "bmp, 0.6", "gif, 0.6", "png, 0.95", "jpg, 0.95", "bmp, 0.95"})
    void refusesToLoadAnImageThatIsCutOff(String format, double share) throws IOException {
        BufferedImage noise = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Draws draws = Draws.of(1);
        IntStream.range(0, 64 * 64).forEach(i -> noise.setRGB(i % 64, i / 64, (int) draws.bits()));
        byte[] bytes = encoded(noise, format);
        Files.write(folder.resolve("cut." + format), Arrays.copyOf(bytes, (int) (share * bytes.length)));
        write("cut.txt", "x");

        CaptionedImage cut = ImageFolder.open(folder).example(0);

        assertThatIOException()
                .isThrownBy(cut::image)
                .withMessageContaining(folder.resolve("cut." + format) + ": cannot be read as an image");
    }

    @Test
    void refusesAnImageOfHugeSize() throws IOException {
        image("a.png");
        byte[] bytes = Files.readAllBytes(folder.resolve("a.png"));
        bytes[16] = 127; // the width's first byte
        Files.write(folder.resolve("a.png"), bytes);
        write("a.txt", "x");

        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder, Faults.STOP))
                .withMessageContaining("pixels; expected at most");
    }

    @Test
    void endsLinesAsEverySystemDoes() throws IOException {
        image("a.png");
        String line = "{\"file_name\": \"a.png\", \"text\": \"a boat\"}";
        write("metadata.jsonl", line + "\r\n" + line + "\n\n" + line + "\r" + line);
        assertThat(ImageFolder.open(folder, Faults.STOP).size()).isEqualTo(4);
    }

    @Test
    void refusesTextsWithoutEnd() throws IOException {
        image("a.png");
        String endless = "x".repeat(2 << 20);
        write("metadata.jsonl", "\n" + endless);
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessage(folder.resolve("metadata.jsonl")
                        + ", line 2: has more than 1048576 letters; expected a JSON object a line");
        Files.delete(folder.resolve("metadata.jsonl"));
        write("metadata.csv", "file_name,text\na.png,\"" + endless);
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessageStartingWith(folder.resolve("metadata.csv") + ": has a field of more than 1048576 letters")
                .withMessageContaining("is a quote not closed?");
        write("metadata.csv", "file_name,text\n" + ",".repeat(2000));
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessageContaining("a record of more than 1000 fields");
    }

    @Test
    void saysWhatIsWrongWithAFolder() throws IOException {
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(above.resolve("none")))
                .withMessageContaining("is not a folder");
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessageContaining("has no image with a caption");
        write("metadata.csv", "name,text\na.png,x\n");
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessageContaining("names no column file_name");
        write("metadata.csv", "file_name,text\na.png,\"x\n");
        assertThatIOException().isThrownBy(() -> ImageFolder.open(folder)).withMessageContaining("ends within quotes");
        Files.write(folder.resolve("metadata.jsonl"), "{\"text\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatIOException()
                .isThrownBy(() -> ImageFolder.open(folder))
                .withMessageContaining("is not text in UTF-8");
    }

    private static List<List<String>> captions(CaptionedImages set) {
        return IntStream.range(0, set.size())
                .mapToObj(i -> set.example(i).captions())
                .toList();
    }

    private static List<String> names(CaptionedImages set) {
        return IntStream.range(0, set.size())
                .mapToObj(i -> Path.of(set.example(i).name()).getFileName().toString())
                .toList();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    /** 20x10 pixels, red on the left and blue on the right. */
    private void image(String name) throws IOException {
        BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillRect(0, 0, 10, 10);
        graphics.setColor(Color.BLUE);
        graphics.fillRect(10, 0, 10, 10);
        graphics.dispose();
        Files.write(folder.resolve(name), encoded(image, name.substring(name.lastIndexOf('.') + 1)));
    }

    private static byte[] encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return bytes.toByteArray();
    }

    private static boolean near(int rgb, Color expected) {
        Color found = new Color(rgb);
        return Math.abs(found.getRed() - expected.getRed()) < 30
                && Math.abs(found.getGreen() - expected.getGreen()) < 30
                && Math.abs(found.getBlue() - expected.getBlue()) < 30;
    }
}
