package io.latent4j.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys and shapes of published models, and settings that there are none for. */
public final class Manifest {
    private static final Path FOLDER = Path.of("src/test/resources/manifests");

    private Manifest() {}

    /** Checks keys, shapes and the number of parameters of what {@code make} makes of the published config. */
    public static void check(String model, long numbers, Function<Config, NamedBlock> make) throws IOException {
        NamedBlock made = make.apply(Config.read(FOLDER.resolve(model).resolve("config.json")));
        assertThat(made.shapes()).isEqualTo(shapes(FOLDER.resolve(model).resolve("manifest.tsv")));
        assertThat(made.parameterCount()).isEqualTo(numbers);
    }

    private static Map<String, Shape> shapes(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.skip(1)
                    .map(line -> line.split("\t", -1))
                    .collect(Collectors.toMap(row -> row[0], row -> shape(row[1])));
        }
    }

    private static Shape shape(String commas) {
        return new Shape(
                Arrays.stream(commas.split(",", -1)).mapToLong(Long::parseLong).toArray());
    }

    /** Checks that {@code from} refuses settings, in JSON with single quotes, by a message that begins so. */
    public static void refuses(Function<Config, ?> from, String settings, String message) {
        Config config = Config.of(
                "transformer/config.json",
                JsonParser.parseString(settings.replace('\'', '"')).getAsJsonObject());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> from.apply(config))
                .withMessageStartingWith("transformer/config.json: " + message);
    }
}
