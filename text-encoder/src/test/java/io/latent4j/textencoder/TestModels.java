package io.latent4j.textencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Where the tests' models and expected values are. */
public final class TestModels {
    private TestModels() {}

    /** A file or folder among this module's test resources. */
    public static Path resource(String name) {
        try {
            return Path.of(TestModels.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The keys and shapes that a model of full size has, by its {@code manifest.tsv}. */
    public static Map<String, Shape> manifest(Path file) throws IOException {
        Map<String, Shape> shapes = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.startsWith("key\t")) {
                List<String> fields = Splitter.on('\t').splitToList(line);
                shapes.put(
                        fields.get(0),
                        new Shape(Splitter.on(',')
                                .splitToStream(fields.get(1))
                                .mapToLong(Long::parseLong)
                                .toArray()));
            }
        }
        return shapes;
    }

    /** Checks arrays against the numbers of a case, each within its own tolerance. */
    public static void assertNumbers(String name, NDManager manager, Function<String, NDArray> got) throws IOException {
        JsonObject outputs = json(resource("cases/" + name + ".json")).getAsJsonObject("outputs");
        try (SafeTensors tensors = SafeTensors.open(resource("cases/" + name + ".safetensors"))) {
            for (String output : outputs.keySet()) {
                JsonObject tolerance = outputs.getAsJsonObject(output);
                double relative = tolerance.get("rtol").getAsDouble();
                double absolute = tolerance.get("atol").getAsDouble();
                assertThat(got.apply(output).allClose(tensors.read(output, manager), relative, absolute, false))
                        .as("%s %s", name, output)
                        .isTrue();
            }
        }
    }

    /** An input of a case. */
    public static NDArray input(String name, String input, NDManager manager) throws IOException {
        try (SafeTensors tensors = SafeTensors.open(resource("cases/" + name + ".safetensors"))) {
            return tensors.read("in." + input, manager);
        }
    }

    /** The folder of reference data; a test that asks for it is skipped where none is given. */
    public static Path reference() {
        String folder = System.getProperty("reference", "");
        assumeFalse(folder.isEmpty(), "needs -Dreference=<folder of reference data>");
        return Path.of(System.getProperty("latent4j.root", "..")).resolve(folder);
    }

    /** What a file holds. */
    public static JsonObject json(Path file) {
        try {
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
