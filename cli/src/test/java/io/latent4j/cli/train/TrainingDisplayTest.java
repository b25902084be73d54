package io.latent4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.latent4j.cli.output.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingDisplayTest {
    private static final Map<String, Double> FIGURES = ImmutableMap.of("loss", 0.123456, "rate", 1e-4);

    private long nanos;
    private final StringWriter out = new StringWriter();

    @Test
    void keepsLinesFewWhereNobodyWatches() {
        try (TrainingDisplay display = display(0)) {
            display.begins(100, 1000);
            for (int step = 101; step <= 1000; step++) {
                nanos += step == 101 ? 2_000_000_000L : 1_000_000L;
                display.stepped(step, 1, 1e-4);
                display.figures(step, FIGURES);
            }
            display.saved(Path.of("run", "step-00001000"));
        }
        assertThat(lines())
                .containsExactly(
                        "going on after step 100 of 1000",
                        "step 101 of 1000: loss 0.1235, rate 0.0001000; 29:58 left",
                        "step 1000 of 1000: loss 0.1235, rate 0.0001000",
                        "saved " + Path.of("run", "step-00001000"));
    }

    @Test
    void writesAboveTheLineThatChanges() {
        try (TrainingDisplay display = display(80)) {
            display.begins(0, 10);
            display.stepped(1, 0.5, 1e-4);
            display.figures(1, FIGURES); // is in the line that changes
            display.figures(2, ImmutableMap.of("validation loss", 0.25));
            display.sampled(2, Path.of("two.png"));
        }
        assertThat(lines())
                .contains("training for 10 steps", "step 2 of 10: validation loss 0.2500", "samples in two.png")
                .anyMatch(line -> line.contains("1/10"))
                .noneMatch(line -> line.contains("0.1235"));
    }

    @Test
    void saysOnceThatItStops() {
        try (TrainingDisplay display = display(0)) {
            display.begins(3, 10);
            assertThat(display.stopping()).isFalse();
            display.stop();
            display.stop();
            assertThat(display.stopping()).isTrue();
        }
        assertThat(lines())
                .containsExactly(
                        "going on after step 3 of 10", "stopping after this step; its checkpoint will be saved");
    }

    @Test
    void tellsOfWhatComesBeforeTheFirstStepAndOfWhatIsMade() {
        try (TrainingDisplay display = display(0)) {
            display.classImage(1, 2);
            display.classImage(2, 2);
            display.made(5, Path.of("lora-step-00000005.safetensors"));
            display.stop();
        }
        assertThat(lines())
                .containsExactly(
                        "class image 2 of 2", "wrote lora-step-00000005.safetensors", "stopping before the first step");
    }

    @Test
    void saysWhereNoStepIsLeft() {
        try (TrainingDisplay display = display(0)) {
            display.begins(16, 8);
        }
        assertThat(lines())
                .containsExactly("the newest checkpoint is of step 16 and training.steps is 8: no step is left, and the"
                        + " result is written as of step 16");
    }

    @Test
    void saysThatItStoppedBeforeTheFirstStep() {
        try (TrainingDisplay display = display(0)) {
            display.stop();
            display.stopped();
        }
        assertThat(lines())
                .containsExactly(
                        "stopping before the first step",
                        "stopped before the first step; the same command starts again");
    }

    private TrainingDisplay display(int width) {
        return new TrainingDisplay(new Terminal(new PrintWriter(out), width, false, false), () -> nanos);
    }

    private List<String> lines() {
        return out.toString()
                .lines()
                .flatMap(line -> Splitter.on('\r').splitToStream(line))
                .map(String::stripTrailing)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
