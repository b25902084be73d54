package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Any bytes as each of the files that say what a folder's image shows. */
class ImageFolderFuzzTest {
    private static final byte[] IMAGE = image();

    @FuzzTest
    void anyCaptionsAreReadOrRefused(byte[] bytes) throws IOException {
        for (String name : List.of("metadata.jsonl", "metadata.csv", "a.txt", "a.caption")) {
            for (Faults faults : Faults.values()) {
                Untrusted.folder(Map.of("a.png", IMAGE, name, bytes), folder -> read(folder, faults));
            }
        }
    }

    private static void read(Path folder, Faults faults) throws IOException {
        ImageFolder images = ImageFolder.open(folder, faults);
        for (int i = 0; i < images.size(); i++) {
            assertThat(images.example(i).captions()).isNotEmpty().doesNotContain("");
        }
        assertThat(images.skipped()).allMatch(message -> message.contains(folder.toString()));
    }

    private static byte[] image() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }
}
