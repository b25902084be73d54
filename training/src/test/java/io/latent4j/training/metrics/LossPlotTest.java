package io.latent4j.training.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossPlotTest {
    private static final int VALIDATION = 0xD9541E;
    private static final int SMOOTH = 0x1F5FBF;
    private static final int RATE = 0xA0A6AE;

    @TempDir
    private Path folder;

    @Test
    void drawsEachFigureOnceItHasTwoPoints() {
        List<Map<String, String>> rows = new ArrayList<>();
        assertThat(LossPlot.draw(rows)).isEmpty();
        rows.add(Map.of("step", "50", "loss", "0.5", "rate", "1e-4"));
        assertThat(LossPlot.draw(rows)).isEmpty();
        rows.add(Map.of("step", "100", "loss", "0.25", "rate", "2e-4", "validation mse", "0.3"));
        assertThat(colours(LossPlot.draw(rows).orElseThrow()))
                .contains(SMOOTH, RATE)
                .doesNotContain(VALIDATION);
        rows.add(Map.of("step", "150", "loss", "0.2", "rate", "2e-4", "validation mse", "0.2"));
        assertThat(colours(LossPlot.draw(rows).orElseThrow())).contains(SMOOTH, RATE, VALIDATION);
    }

    @Test
    void takesLossesThatHaveNoLogarithm() {
        List<Map<String, String>> rows = List.of(
                Map.of("step", "1", "loss", "0"),
                Map.of("step", "2", "loss", "-1"),
                Map.of("step", "3", "loss", "0.1"),
                Map.of("step", "4", "loss", "0.1"));
        assertThat(LossPlot.draw(rows)).isPresent();
    }

    @Test
    void isRedrawnNowAndThenOnly() throws IOException {
        MetricsFile metrics = new MetricsFile(folder.resolve("metrics.csv"), 0);
        PlotFile plot = new PlotFile(folder.resolve("loss.png"), folder.resolve("metrics.csv"));
        metrics.add(1, Map.of("loss", 1.0));
        plot.draw();
        assertThat(folder.resolve("loss.png")).doesNotExist();
        metrics.add(2, Map.of("loss", 0.5));
        plot.update();
        assertThat(folder.resolve("loss.png")).as("drawn within ten seconds").doesNotExist();
        plot.draw();
        assertThat(folder.resolve("loss.png")).exists();
    }

    private static Set<Integer> colours(BufferedImage image) {
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                colours.add(image.getRGB(x, y) & 0xFFFFFF);
            }
        }
        return colours;
    }
}
