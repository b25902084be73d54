package io.latent4j.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;

/** Inputs and the output that the reference implementation computed of them. */
public final class GoldenCase implements AutoCloseable {
    private static final Path FOLDER = Path.of("src/test/resources/reference");
    private static final String SAMPLE = "out.sample";

    private final JsonObject json;
    private final SafeTensors tensors;
    private final NDManager manager;

    private GoldenCase(JsonObject json, SafeTensors tensors, NDManager manager) {
        this.json = json;
        this.tensors = tensors;
        this.manager = manager;
    }

    /** Opens the case called {@code name}, whose arrays {@code manager} gets. */
    public static GoldenCase open(String name, NDManager manager) throws IOException {
        Path file = FOLDER.resolve("cases/transformer").resolve(name + ".safetensors");
        JsonObject json = Config.read(file.resolveSibling(name + ".json")).json();
        return new GoldenCase(json, SafeTensors.open(file), manager);
    }

    /** The folder of the transformer called {@code model}. */
    public static Path transformer(String model) {
        return FOLDER.resolve("models").resolve(model).resolve("transformer");
    }

    /** The folder of the case's transformer. */
    public Path transformer() {
        return FOLDER.resolve(json.get("model").getAsString()).resolve("transformer");
    }

    /** An input, in float32. */
    public NDArray in(String name) throws IOException {
        return tensors.read("in." + name, manager).toType(DataType.FLOAT32, false);
    }

    /** An input of one number a sample, of which the case may hold one for all. */
    public NDArray perSample(String name, long samples) throws IOException {
        NDArray numbers = in(name);
        return numbers.size() == samples ? numbers : numbers.broadcast(new Shape(samples));
    }

    /** Compares within the case's own tolerance. */
    public void check(NDArray got) throws IOException {
        NDArray expected = tensors.read(SAMPLE, manager);
        JsonObject tolerance = json.getAsJsonObject("outputs").getAsJsonObject(SAMPLE);
        assertThat(got.getShape()).isEqualTo(expected.getShape());
        NDArray allowed = expected.abs()
                .mul(tolerance.get("rtol").getAsFloat())
                .add(tolerance.get("atol").getAsFloat());
        assertThat(got.sub(expected).abs().div(allowed).max().getFloat())
                .as("largest difference, in units of the tolerance")
                .isLessThanOrEqualTo(1);
    }

    @Override
    public void close() throws IOException {
        tensors.close();
    }
}
