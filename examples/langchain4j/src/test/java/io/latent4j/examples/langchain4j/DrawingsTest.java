package io.latent4j.examples.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawingsTest {

    @Test
    void drawsTwice(@TempDir Path folder) throws Exception {
        Path first = folder.resolve("first.png");
        Path second = folder.resolve("second.png");

        Drawings.main(new String[] {"a red circle", first.toString(), second.toString()});

        assertEquals(64, ImageIO.read(first.toFile()).getWidth());
        assertEquals(64, ImageIO.read(second.toFile()).getWidth());
        assertFalse(Arrays.equals(Files.readAllBytes(first), Files.readAllBytes(second)));
    }
}
