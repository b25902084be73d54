package io.latent4j.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.CopyOnWriteArrayList;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BarRendererTest {

    @ParameterizedTest
    @ValueSource(ints = {10, 40, 60, 79, 119})
    void fitsTheTerminal(int width) {
        for (int steps : new int[] {0, 1, 13, 25}) {
            assertThat(rendered(width, steps, true)).hasSizeLessThanOrEqualTo(width);
            assertThat(rendered(width, steps, false)).hasSizeLessThanOrEqualTo(width);
        }
    }

    @Test
    void fillsTheBarAtTheEnd() {
        assertThat(rendered(79, 25, false)).matches("seed 7 \\[#+] 25/25 steps  0:00  [0-9.]+ it/s");
        assertThat(rendered(79, 25, true)).matches("seed 7 \u2501+ 25/25 steps  0:00  [0-9.]+ it/s");
        assertThat(rendered(79, 0, false)).matches("seed 7 \\[\\.+]  0/25 steps  0:00  -:-- left");
    }

    private static String rendered(int width, int steps, boolean unicode) {
        Terminal terminal = new Terminal(new PrintWriter(new StringWriter()), width + 1, unicode, false);
        Lines lines = new Lines(width, new CopyOnWriteArrayList<>());
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("seed 7")
                .setInitialMax(25)
                .setUpdateIntervalMillis(60_000)
                .setRenderer(new BarRenderer(terminal))
                .setConsumer(lines)
                .build()) {
            bar.stepTo(steps);
        }
        return lines.all().get(lines.all().size() - 1);
    }

    private record Lines(int width, CopyOnWriteArrayList<String> all) implements ProgressBarConsumer {
        @Override
        public int getMaxRenderedLength() {
            return width;
        }

        @Override
        public void accept(String line) {
            all.add(line);
        }

        @Override
        public void close() {}
    }
}
