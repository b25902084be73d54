package io.latent4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.output.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingBarTest {

    @ParameterizedTest
    @ValueSource(ints = {10, 30, 40, 60, 79, 119})
    void fitsTheTerminal(int width) {
        assertThat(rendered(width, 4)).hasSizeLessThanOrEqualTo(width);
        assertThat(rendered(width, 0)).hasSizeLessThanOrEqualTo(width);
        assertThat(rendered(width, 60_000)).hasSizeLessThanOrEqualTo(width);
    }

    @Test
    void leavesTheLeastImportantOut() {
        assertThat(rendered(119, 4))
                .matches("\\[[.#]+] 40004/100000  [0-9:]+ left  loss 2.500  1.60 images/s  rate 4.0e-4  0:0[0-9]");
        assertThat(rendered(55, 4)).matches("\\[[.#]+] 40004/100000  [0-9:]+ left  loss 2.500");
        assertThat(rendered(12, 4)).isEqualTo("40004/100000");
    }

    @Test
    void showsNoTimeThatItCannotKnow() {
        assertThat(rendered(79, 0)).contains("40000/100000  -:-- left").doesNotContain("loss");
    }

    /** What is shown after {@code steps} steps of ten seconds and 16 images, begun after step 40,000. */
    private static String rendered(int width, int steps) {
        Terminal terminal = new Terminal(new PrintWriter(new StringWriter()), width + 1, false, false);
        TrainingBar look = new TrainingBar(terminal);
        for (int i = 1; i <= Math.min(4, steps); i++) {
            look.stepped(i, i * 1e-4, 16, i * 10_000_000_000L);
        }
        Lines lines = new Lines(width, new CopyOnWriteArrayList<>());
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("")
                .setInitialMax(100_000)
                .startsFrom(40_000, Duration.ZERO)
                .setUpdateIntervalMillis(60_000)
                .setRenderer(look)
                .setConsumer(lines)
                .build()) {
            bar.stepTo(40_000 + steps);
            bar.refresh();
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
