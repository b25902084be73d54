package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A run of all the steps there are holds no more memory at its end than near its start. It has a process of its own, whose
 * Java heap is resident from the start and of one size: what grows is outside it.
 */
class ThousandStepsTest {
    private static final int STEPS = 1000;
    private static final int SETTLED = 100;
    private static final long MOST_GROWTH = 48L << 20;
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withScheduler("ddim")
            .withGuidanceScale(1)
            .withSteps(STEPS);
    private static Map<String, Long> figures;

    @BeforeAll
    static void run() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms128m",
                        "-Xmx128m",
                        "-XX:+AlwaysPreTouch",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dai.djl.offline=true",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ThousandStepsTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("exit code").isZero();
        figures = output.lines()
                .map(line -> line.split("="))
                .collect(Collectors.toMap(pair -> pair[0], pair -> Long.valueOf(pair[1])));
    }

    /** What the process runs: it prints figures, {@code name=value}. */
    public static void main(String[] args) throws IOException {
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            TextToImagePipeline pipeline = new TextToImagePipeline(parts);
            pipeline.generate(REQUEST.withSteps(1)); // after which the prompt's encoding is kept for the next
            System.out.println(
                    "arraysBefore=" + parts.manager().getManagedArrays().size());
            pipeline.generate(REQUEST, event -> {
                if (event.step() == SETTLED || event.step() == STEPS) {
                    System.out.println("resident" + event.step() + "=" + residentBytes());
                }
            });
            System.out.println(
                    "arraysAfter=" + parts.manager().getManagedArrays().size());
        }
    }

    /** Resident memory of this process; 0 where the system does not tell. */
    private static long residentBytes() {
        if (!Files.exists(STATUS)) {
            return 0;
        }
        try {
            List<String> lines = Files.readAllLines(STATUS);
            return lines.stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10) // in kB
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void leavesNoArraysBehind() {
        assertThat(figures.get("arraysAfter")).isEqualTo(figures.get("arraysBefore"));
    }

    @Test
    void keepsResidentMemoryFlat() {
        assumeTrue(Files.exists(STATUS), "there is no " + STATUS);
        assertThat(figures.get("resident" + STEPS) - figures.get("resident" + SETTLED))
                .as("growth of resident memory from step %s to step %s, in bytes: %s", SETTLED, STEPS, figures)
                .isLessThan(MOST_GROWTH);
    }
}
