package io.latent4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonSheetTest {

    @Test
    void enlargesImagesByAWholeNumberAndKeepsTheirPlaces() {
        ComparisonSheet sheet = new ComparisonSheet(
                "title",
                List.of("5 steps", "10 steps"),
                List.of(
                        new ComparisonSheet.Row("one", List.of(image(Color.RED), image(Color.GREEN))),
                        new ComparisonSheet.Row("another", List.of(image(Color.BLUE), Optional.empty()))));

        BufferedImage drawn = sheet.draw();

        assertThat(count(drawn, Color.RED)).isEqualTo(inside(120));
        assertThat(count(drawn, Color.GREEN)).isEqualTo(inside(120));
        assertThat(count(drawn, Color.BLUE)).isEqualTo(inside(120));
        assertThat(drawn.getRGB(drawn.getWidth() - 60, drawn.getHeight() - 60)).isEqualTo(Color.WHITE.getRGB());
        assertThat(drawn.getRGB(drawn.getWidth() - 60, drawn.getHeight() - 190)).isEqualTo(Color.GREEN.getRGB());
    }

    @Test
    void shortensATitleThatDoesNotFit() {
        ComparisonSheet sheet = new ComparisonSheet(
                "a title ".repeat(100),
                List.of("5 steps"),
                List.of(new ComparisonSheet.Row("one", List.of(image(Color.RED)))));

        BufferedImage drawn = sheet.draw();

        for (int y = 0; y < 30; y++) {
            assertThat(drawn.getRGB(drawn.getWidth() - 4, y)).isEqualTo(Color.WHITE.getRGB());
        }
    }

    private static Optional<BufferedImage> image(Color colour) {
        BufferedImage image = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(0, 0, 40, 40);
        graphics.dispose();
        return Optional.of(image);
    }

    /** The pixels of a square within its frame. */
    private static int inside(int side) {
        return (side - 2) * (side - 2);
    }

    private static int count(BufferedImage image, Color colour) {
        int count = 0;
        for (int rgb : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())) {
            count += rgb == colour.getRGB() ? 1 : 0;
        }
        return count;
    }
}
