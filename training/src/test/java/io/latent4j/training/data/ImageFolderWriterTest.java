package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.latent4j.training.data.scenes.SceneSet;
import io.latent4j.training.data.scenes.Scenes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderWriterTest {
    @TempDir
    private Path folder;

    @Test
    void writesWhatIsReadBack() throws IOException {
        SceneSet scenes = new SceneSet(20, 32, 3, 0.5, Scenes.Part.TRAINING);
        List<Integer> heard = new ArrayList<>();

        ImageFolderWriter.write(scenes, folder.resolve("new/set"), heard::add);

        ImageFolder read = ImageFolder.open(folder.resolve("new/set"), Faults.STOP);
        assertThat(read.size()).isEqualTo(20);
        for (int i = 0; i < 20; i++) {
            assertThat(read.example(i).captions()).isEqualTo(scenes.example(i).captions());
            assertThat(rgb(read.example(i).image()))
                    .isEqualTo(rgb(scenes.example(i).image()));
        }
        assertThat(heard).isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
    }

    @Test
    void keepsSeveralCaptions() throws IOException {
        BufferedImage image = new BufferedImage(2, 3, BufferedImage.TYPE_INT_RGB);
        CaptionedImages set = CaptionedImages.of(List.of(CaptionedImage.of("x", image, "one", "\"two\" <2>")));

        ImageFolderWriter.write(set, folder, done -> {});

        assertThat(ImageFolder.open(folder).example(0).captions()).containsExactly("one", "\"two\" <2>");
        assertThat(folder.resolve("metadata.jsonl"))
                .hasContent("{\"file_name\":\"000000.png\",\"text\":[\"one\",\"\\\"two\\\" <2>\"]}\n");
    }

    @Test
    void writesTheSameBytesAgain() throws IOException {
        for (String name : List.of("a", "b")) {
            ImageFolderWriter.write(
                    new SceneSet(12, 64, 5, 0.7, Scenes.Part.TRAINING), folder.resolve(name), done -> {});
        }
        try (Stream<Path> files = Files.list(folder.resolve("a"))) {
            for (Path file : files.toList()) {
                assertThat(Files.mismatch(file, folder.resolve("b").resolve(file.getFileName())))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void leavesNothingBehindWhenItFails() throws IOException {
        SceneSet scenes = new SceneSet(5, 8, 0, 0.5, Scenes.Part.TRAINING);
        assertThatThrownBy(() -> ImageFolderWriter.write(scenes, folder.resolve("a"), done -> {
                    throw new UncheckedIOException(new IOException("no room"));
                }))
                .hasMessageContaining("no room");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> ImageFolderWriter.write(scenes, folder.resolve("a"), done -> {}))
                .isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void replacesNothing() throws IOException {
        SceneSet scenes = new SceneSet(1, 8, 0, 0.5, Scenes.Part.TRAINING);
        Path file = Files.writeString(folder.resolve("file"), "mine");

        assertThatIOException()
                .isThrownBy(() -> ImageFolderWriter.write(scenes, folder, done -> {}))
                .withMessageContaining("is not empty");
        assertThatIOException()
                .isThrownBy(() -> ImageFolderWriter.write(scenes, file, done -> {}))
                .withMessageContaining("is a file");
        assertThat(file).hasContent("mine");
    }

    private static int[] rgb(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }
}
