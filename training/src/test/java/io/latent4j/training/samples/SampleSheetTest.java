package io.latent4j.training.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleSheetTest {

    @Test
    void showsEveryImage() {
        List<Color> colours = List.of(Color.RED, Color.GREEN, Color.BLUE, Color.CYAN, Color.MAGENTA);
        SampleSheet sheet = new SampleSheet(
                "Step 1",
                colours.stream()
                        .map(colour -> new SampleSheet.Cell(image(64, 64, colour), "some words to say of it"))
                        .toList());
        Set<Integer> seen = colours(sheet.draw());
        colours.forEach(colour -> assertThat(seen).contains(colour.getRGB()));
    }

    @Test
    void breaksIntoRowsOfLikeLength() {
        SampleSheet nine =
                new SampleSheet("", Collections.nCopies(9, new SampleSheet.Cell(image(64, 64, Color.RED), "")));
        BufferedImage drawn = nine.draw();
        assertThat(drawn.getWidth()).as("five columns of 192").isBetween(5 * 192, 5 * 220);
        assertThat(drawn.getHeight()).as("two rows").isBetween(2 * 192, 3 * 192);
    }

    @Test
    void leavesLargeImagesAsTheyAre() {
        BufferedImage drawn =
                new SampleSheet("", List.of(new SampleSheet.Cell(image(512, 300, Color.RED), "x"))).draw();
        assertThat(drawn.getWidth()).isBetween(512, 560);
        assertThat(drawn.getHeight()).isBetween(300, 400);
    }

    @Test
    void putsOneImageAboveAnother() {
        BufferedImage both = SampleSheet.above(image(4, 3, Color.RED), image(4, 5, Color.BLUE));
        assertThat(both.getHeight()).isEqualTo(8);
        assertThat(both.getRGB(0, 2)).isEqualTo(Color.RED.getRGB());
        assertThat(both.getRGB(3, 3)).isEqualTo(Color.BLUE.getRGB());
    }

    private static BufferedImage image(int width, int height, Color colour) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(0, 0, width, height);
        graphics.dispose();
        return image;
    }

    private static Set<Integer> colours(BufferedImage image) {
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                colours.add(image.getRGB(x, y));
            }
        }
        return colours;
    }
}
