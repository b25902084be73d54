package io.latent4j.training.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MetricsFileTest {
    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("metrics.csv"), text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void continuesAfterAStep() throws IOException {
        Path file = file("step,loss,validation loss\n5,1.5,\n10,1.25,2\n15,1,\n");
        MetricsFile metrics = new MetricsFile(file, 10);
        metrics.add(15, Map.of("loss", 0.5, "rate", 1e-4));
        assertThat(file).hasContent("step,loss,validation loss,rate\n5,1.5,,\n10,1.25,2,\n15,0.500000,,0.000100000\n");
        assertThat(MetricsFile.read(file).get(1))
                .isEqualTo(Map.of("step", "10", "loss", "1.25", "validation loss", "2"));
    }

    @Test
    void readsFiguresThatAreNotFinite() throws IOException {
        Path file = folder.resolve("metrics.csv");
        new MetricsFile(file, 0).add(1, Map.of("loss", Double.NaN, "rate", Double.POSITIVE_INFINITY));
        assertThat(MetricsFile.read(file)).isEqualTo(List.of(Map.of("step", "1", "loss", "NaN", "rate", "Infinity")));
    }

    private static List<Arguments> damaged() {
        return List.of(
                Arguments.of("step,loss\n1,2\nx,3\n", "line 3 is \"x,3\"; expected a step and figures"),
                Arguments.of("step,loss\n1,two\n", "line 2 is \"1,two\"; expected a number as loss"),
                Arguments.of("step,loss\n1,2,3\n", "expected at most 2 values"),
                Arguments.of("step,loss\n-1,2\n", "expected a step and figures"),
                Arguments.of("step,loss\n1,2\n\n", "line 3 is \"\"; expected a step and figures"),
                Arguments.of("step,loss,loss\n1,2,3\n", "expected each column once"),
                Arguments.of(
                        "loss\n1\n", "line 1 is \"loss\"; expected the names of columns, of which the first is step"),
                Arguments.of("step,lo\0ss\n1,2\n", "line 1 is \"step,lo?ss\""),
                Arguments.of("step,loss\n1,\0\0", "line 2 is \"1,??\"; expected a number as loss"),
                Arguments.of("step,loss\n1,\u00ff", "is not text in UTF-8"));
    }

    @ParameterizedTest
    @MethodSource("damaged")
    void namesTheFileAndTheLineThatIsDamaged(String text, String message) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> new MetricsFile(file, 1))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message)
                .hasMessageContaining("remove ");
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).isEqualTo(text);
    }
}
